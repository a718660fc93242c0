/** How an engine finds words. */
export interface WordSearch {
  /** The condition on the table `words`, with one value. */
  readonly condition: string;
  /** The value: every term has to be there, the last letters of it may be missing. */
  toQuery(terms: readonly string[]): string;
}

/** FTS5: quoted terms stand for themselves, `*` for any end. */
export const SQLITE_SEARCH: WordSearch = {
  condition: 'rowid IN (SELECT rowid FROM word_index WHERE word_index MATCH ?)',
  toQuery: (terms) => terms.map((term) => `"${term}"*`).join(' AND '),
};

/** Postgres' own search, without any language's endings. */
export const POSTGRES_SEARCH: WordSearch = {
  condition: "tokens @@ to_tsquery('simple', ?)",
  toQuery: (terms) => terms.map((term) => `${term}:*`).join(' & '),
};

/** More would be no search any more. */
const MAX_TERMS = 20;

/** The words that are looked for: all of them have to be there. */
export function queryTermsOf(query: string): readonly string[] {
  return termsOf(query).slice(0, MAX_TERMS);
}

/** The words of a text: letters and digits, so that neither engine takes one of them for its own syntax. */
export function termsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  );
}
