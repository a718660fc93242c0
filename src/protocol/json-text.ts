import type { Steps } from './turns.ts';

/** What is written at once; text full of escapes takes 6 ms a megabyte. */
const PIECE_CHARS = 256 * 1024;
/** Commas and brackets are no step of their own. */
const SHORT_PIECE_CHARS = 1000;
/** What a value costs beside its text. */
const VALUE_CHARS = 16;

/**
 * JSON text as UTF-8, for values that came from JSON: the same that `JSON.stringify` gives, in steps. A text of 19 MB
 * full of escapes would take more than 100 ms in one go.
 */
export function* encodeSteps(value: unknown): Steps<Buffer> {
  const pieces: Buffer[] = [];
  for (const piece of piecesOf(value)) {
    pieces.push(Buffer.from(piece));
    if (piece.length > SHORT_PIECE_CHARS) yield;
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/** Every piece is a step's work, and whole in itself: no character is cut. */
function* piecesOf(value: unknown): Generator<string> {
  if (sizeUpTo(PIECE_CHARS, value) < PIECE_CHARS) yield JSON.stringify(value ?? null);
  else if (typeof value === 'string') yield* piecesOfText(value);
  else if (Array.isArray(value)) yield* piecesOfList(value);
  else yield* piecesOfRecord(value as Record<string, unknown>);
}

function* piecesOfText(text: string): Generator<string> {
  yield '"';
  for (let at = 0; at < text.length; ) {
    let end = at + PIECE_CHARS;
    // Halves of one character, written apart, would be escaped.
    if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield JSON.stringify(text.slice(at, end)).slice(1, -1);
    at = end;
  }
  yield '"';
}

/** Neighbours that are small are written together. */
function* piecesOfList(list: readonly unknown[]): Generator<string> {
  let before = '[';
  for (let at = 0; at < list.length; ) {
    let end = at;
    for (let size = 0; end < list.length && size < PIECE_CHARS; end++) size += sizeUpTo(PIECE_CHARS - size, list[end]);
    // The last one may be large.
    const last = end - 1;
    if (last > at) yield `${before}${JSON.stringify(list.slice(at, last)).slice(1, -1)}`;
    yield last > at ? ',' : before;
    yield* piecesOf(list[last]);
    before = ',';
    at = end;
  }
  yield ']';
}

function* piecesOfRecord(record: Readonly<Record<string, unknown>>): Generator<string> {
  let text = '{';
  let size = 0;
  let before = '';
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value === undefined) continue;
    const own = sizeUpTo(PIECE_CHARS, value) + sizeUpTo(PIECE_CHARS, key);
    size += own;
    if (own < PIECE_CHARS) text += `${before}${JSON.stringify(key)}:${JSON.stringify(value)}`;
    else {
      yield text + before;
      text = '';
      yield* piecesOf(key);
      yield ':';
      yield* piecesOf(value);
    }
    before = ',';
    if (size < PIECE_CHARS) continue;
    if (text !== '') yield text;
    text = '';
    size = 0;
  }
  yield `${text}}`;
}

/** About how much there is to write; not more than a little over `limit` is looked at. */
function sizeUpTo(limit: number, value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return VALUE_CHARS;
  let size = VALUE_CHARS;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && size < limit; at++) size += sizeUpTo(limit - size, value[at]);
    return size;
  }
  for (const key in value) {
    if (size >= limit) return size;
    size += key.length + sizeUpTo(limit - size, (value as Record<string, unknown>)[key]);
  }
  return size;
}
