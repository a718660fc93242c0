import type { Steps } from './turns.ts';

/** What is written at once; text full of escapes takes 6 ms a megabyte. */
const PIECE_CHARS = 512 * 1024;
/** What a value costs beside its text. */
const VALUE_CHARS = 8;

/**
 * JSON text as UTF-8, for values that came from JSON: the same that `JSON.stringify` gives, in steps. A text of 19 MB
 * full of escapes would take more than 100 ms in one go.
 */
export function* encodeSteps(value: unknown): Steps<Buffer> {
  const pieces: Buffer[] = [];
  let text = '';
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length < PIECE_CHARS) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(text));
  return Buffer.concat(pieces);
}

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

function* piecesOfList(list: readonly unknown[]): Generator<string> {
  let before = '[';
  for (const entry of list) {
    yield before;
    yield* piecesOf(entry);
    before = ',';
  }
  yield ']';
}

function* piecesOfRecord(record: Readonly<Record<string, unknown>>): Generator<string> {
  let before = '{';
  for (const key of Object.keys(record)) {
    if (record[key] === undefined) continue;
    yield before;
    yield* piecesOf(key);
    yield ':';
    yield* piecesOf(record[key]);
    before = ',';
  }
  // All of a large object may be undefined.
  yield before === '{' ? '{}' : '}';
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
