import { type JsonRecord, numberOf } from '../protocol/json.ts';

/** OpenRouter's reasoning details: pieces with one `index` and `type` are one detail, its texts concatenated. */
export class ReasoningDetails {
  readonly list: JsonRecord[] = [];
  readonly #places = new Map<string, number>();

  add(piece: JsonRecord): void {
    // Encrypted details come whole: a second one with another id is another detail, whatever its index.
    const name = piece['data'] === undefined ? nameOf(piece) : nameWithId(piece);
    const at = numberOf(piece['index']) === null ? undefined : this.#places.get(name);
    const earlier = at === undefined ? undefined : this.list[at];
    if (at === undefined || earlier === undefined) this.#note(piece, this.list.push(piece) - 1);
    else {
      const joined = joinDetail(earlier, piece);
      this.list[at] = joined;
      this.#note(joined, at);
    }
  }

  /** The first one of a name keeps it. */
  #note(detail: JsonRecord, place: number): void {
    for (const name of [nameOf(detail), nameWithId(detail)]) if (!this.#places.has(name)) this.#places.set(name, place);
  }
}

function nameOf({ index, type }: JsonRecord): string {
  return JSON.stringify([index, type]);
}

function nameWithId({ index, type, id }: JsonRecord): string {
  return JSON.stringify([index, type, id]);
}

function joinDetail(earlier: JsonRecord, piece: JsonRecord): JsonRecord {
  const joined = Object.entries(piece).filter(([, value]) => value !== null && value !== undefined);
  return { ...earlier, ...Object.fromEntries(joined), ...joinedTexts(earlier, piece) };
}

function joinedTexts(earlier: JsonRecord, piece: JsonRecord): JsonRecord {
  const both = ['text', 'summary'].filter((key) => typeof earlier[key] === 'string' && typeof piece[key] === 'string');
  return Object.fromEntries(both.map((key) => [key, `${earlier[key]}${piece[key]}`]));
}
