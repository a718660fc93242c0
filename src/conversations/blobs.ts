import { hash } from 'node:crypto';
import {
  marks,
  type Operation,
  rowOf,
  rowsOf,
  type SqlRow,
  type SqlValue,
  textOf,
  toBuffer,
} from '../database/operation.ts';

/** Whatever is shorter stays in its item. */
const LARGE = 64 * 1024;

/** Stands on both sides of the name of a blob, in the place of its data: JSON has this character in no string. */
const MARK = '\u0001';

/** A text whose data was cut out. */
export interface CutText {
  readonly text: string;
  /** Names of its blobs, each once; null where it has none. */
  readonly blobs: string | null;
}

/**
 * Keeps the large data of JSON texts once for each owner, however many items have it.
 * @returns for each text what is left of it
 */
export function* cutBlobs(owner: string, texts: readonly string[]): Operation<readonly CutText[]> {
  const found = new Map<string, Found>();
  const cut = texts.map((text) => (text.length > LARGE ? cutText(text, found) : { text, blobs: null }));
  // In one order everywhere, so that two who keep the same do not wait for each other.
  for (const [name, blob] of inOrder(found)) yield* keep(owner, name, blob);
  return cut;
}

/** Puts back what was cut out of texts. @throws where it was erased meanwhile */
export function* withBlobs<Text extends string | Uint8Array>(owner: string, text: Text): Operation<Text | string> {
  if (!isCut(text)) return text;
  const pieces = textOf(text).split(MARK);
  const names = [...new Set(pieces.filter((_, at) => at % 2 === 1))];
  const data = new Map<string, string>();
  for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
    const some = names.slice(from, from + NAMES_AT_ONCE);
    const sql = `SELECT sha256, data FROM blobs WHERE owner = ? AND sha256 IN (${marks(some.length)})`;
    for (const row of yield* rowsOf(sql, owner, ...some)) data.set(String(row['sha256']), String(row['data']));
  }
  if (data.size < names.length) throw new Error('Data of an item was erased while it was read.');
  return pieces.map((piece, at) => (at % 2 === 1 ? (data.get(piece) ?? '') : piece)).join('');
}

/** Both engines bound the values of a statement. */
const NAMES_AT_ONCE = 500;

/**
 * Erases items, and their data with the last of those that have it.
 * @param where the condition, with its values
 */
export function* deleteItems(where: string, ...values: readonly SqlValue[]): Operation<void> {
  const rows = yield* rowsOf(
    `DELETE FROM items WHERE blobs IS NOT NULL AND ${where} RETURNING owner, blobs`,
    ...values,
  );
  yield* rowsOf(`DELETE FROM items WHERE ${where}`, ...values);
  yield* releaseAll(rows);
}

/** Rows that had data are gone, of several owners. */
export function* releaseAll(rows: readonly SqlRow[]): Operation<void> {
  const byOwner = Map.groupBy(rows, (row) => String(row['owner']));
  for (const [owner, some] of inOrder(byOwner)) yield* release(owner, some);
}

/** Items that had data are gone: of each blob there are fewer. */
export function* release(owner: string, rows: readonly SqlRow[]): Operation<void> {
  for (const [name, times] of inOrder(timesOf(rows))) {
    const left = yield* rowOf(
      'UPDATE blobs SET refs = refs - ? WHERE owner = ? AND sha256 = ? RETURNING refs',
      ...[times, owner, name],
    );
    if (Number(left?.['refs']) <= 0) yield* rowsOf('DELETE FROM blobs WHERE owner = ? AND sha256 = ?', owner, name);
  }
}

/** The items of a thread are copies of others: of each blob there are more. @throws where the others were erased meanwhile */
export function* countCopies(owner: string, thread: string): Operation<void> {
  const rows = yield* rowsOf(
    'SELECT blobs FROM items WHERE owner = ? AND thread = ? AND blobs IS NOT NULL',
    ...[owner, thread],
  );
  for (const [name, times] of inOrder(timesOf(rows))) {
    if (!(yield* addRefs(owner, name, times))) throw new Error('Data of an item was erased while it was copied.');
  }
}

function isCut(text: string | Uint8Array): boolean {
  // A buffer looks for a byte eight times as fast as an array does (measured).
  return typeof text === 'string' ? text.includes(MARK) : toBuffer(text).includes(MARK);
}

interface Found {
  readonly data: string;
  refs: number;
}

function cutText(text: string, found: Map<string, Found>): CutText {
  const pieces: string[] = [];
  const names = new Set<string>();
  let from = 0;
  for (const [start, end] of largeRuns(text)) {
    const data = text.slice(start, end);
    const name = hash('sha256', data);
    if (!found.has(name)) found.set(name, { data, refs: 0 });
    names.add(name);
    pieces.push(text.slice(from, start), name);
    from = end;
  }
  if (names.size === 0) return { text, blobs: null };
  for (const name of names) (found.get(name) as Found).refs += 1;
  return { text: [...pieces, text.slice(from)].join(MARK), blobs: [...names].join(',') };
}

/** Where data stands in a text: long runs without a quote. Looking back from afar, the short ones between are not looked at. */
function* largeRuns(text: string): Generator<readonly [start: number, end: number]> {
  let at = 0;
  while (at + LARGE < text.length) {
    const quote = text.lastIndexOf('"', at + LARGE);
    if (quote >= at) at = quote + 1;
    else {
      const next = text.indexOf('"', at + LARGE);
      const end = next < 0 ? text.length : next;
      if (DATA.test(text.slice(at, at + SAMPLE))) yield [at, end];
      at = end + 1;
    }
  }
}

const SAMPLE = 256;
/** A data URL, or base64, also in lines: words have spaces. What is taken for data by mistake is put back like all. */
const DATA = /^(?:data:[^\s,]{0,200},|[\w+/=\\-]{256}$)/;

function* keep(owner: string, name: string, { data, refs }: Found): Operation<void> {
  if (yield* addRefs(owner, name, refs)) return;
  yield* rowsOf(
    'INSERT INTO blobs (owner, sha256, bytes, refs, data) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT (owner, sha256) DO UPDATE SET refs = blobs.refs + excluded.refs',
    ...[owner, name, Buffer.byteLength(data), refs, data],
  );
}

/** @returns whether it is there */
function* addRefs(owner: string, name: string, times: number): Operation<boolean> {
  const row = yield* rowOf(
    'UPDATE blobs SET refs = refs + ? WHERE owner = ? AND sha256 = ? RETURNING refs',
    ...[times, owner, name],
  );
  return row !== null;
}

function timesOf(rows: readonly SqlRow[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { blobs } of rows) {
    for (const name of blobs === null ? [] : String(blobs).split(',')) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return times;
}

function inOrder<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
