/**
 * Remembers the text that the client was told, by part and all together. Providers say the same text piece by piece,
 * then as a whole part, whole item and whole answer, and may leave out any of these.
 */
export interface ReportedText {
  all(): string;
  /** Notes that a piece of a part was told. */
  add(part: string, piece: string): void;
  /**
   * What of a whole part has not been told yet; from now on it has. Some hosts name a part otherwise in every event: one
   * that is new and says what was said last is the same.
   */
  rest(part: string, whole: string): string;
  /** The texts of all parts together, in order. */
  restOfAll(whole: string): string;
}

/** One for one kind of text of one answer. */
export function createReportedText(): ReportedText {
  const parts = new Map<string, string>();
  let all = '';
  const add = (part: string, piece: string): void => {
    parts.set(part, (parts.get(part) ?? '') + piece);
    all += piece;
  };
  return {
    all: () => all,
    add,
    rest(part, whole) {
      if (!parts.has(part) && all.endsWith(whole)) parts.set(part, whole);
      const missing = restOf(whole, parts.get(part) ?? '');
      add(part, missing);
      return missing;
    },
    restOfAll(whole) {
      const missing = restOf(whole, all);
      all += missing;
      return missing;
    },
  };
}

/** What comes after the text that was told. A whole that begins otherwise cannot be joined to it: nothing. */
export function restOf(whole: string, reported: string): string {
  return whole.startsWith(reported) ? whole.slice(reported.length) : '';
}
