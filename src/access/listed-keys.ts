import { marks, type Operation, rowOf, rowsOf } from '../database/operation.ts';
import { SELECT_KEYS } from './kept-keys.ts';
import { type Reach, type RowCondition, within } from './reach.ts';
import { type KeptKey, toKeptKey } from './records.ts';

/** Which keys are asked for. */
export interface KeyQuery {
  readonly orgId: string | null;
  readonly includesDisabled: boolean;
  /** What the name contains or the hash begins with, whatever the case; null for all. */
  readonly words: string | null;
  readonly offset: number;
  readonly limit: number;
}

/** Keys, the newest first, and how many there are. */
export interface KeyPage {
  readonly keys: readonly KeptKey[];
  readonly total: number;
}

/** A part of the keys within reach. */
export function* listKeys(reach: Reach, query: KeyQuery): Operation<KeyPage> {
  // An accent that stands by itself belongs to its letter, which is then none of ASCII.
  const words = query.words?.normalize('NFC') ?? null;
  const wanted = conditionOf(reach, { ...query, words });
  if (words !== null && !isAscii(words)) return yield* pageByName(wanted, words, query);
  const count = yield* rowOf(`SELECT count(*) AS total FROM keys WHERE ${wanted.sql}`, ...wanted.values);
  const rows = yield* rowsOf(
    `${SELECT_KEYS} WHERE ${wanted.sql} ${NEWEST_FIRST} LIMIT ? OFFSET ?`,
    ...[...wanted.values, query.limit, query.offset],
  );
  return { keys: rows.map(toKeptKey), total: Number(count?.['total'] ?? 0) };
}

/**
 * Engines know the case of other letters than those of ASCII in some languages only, SQLite in none: so their part is found by the
 * rest of the words, and the names in it are compared here.
 */
function* pageByName({ sql, values }: RowCondition, words: string, { offset, limit }: KeyQuery): Operation<KeyPage> {
  const named = yield* rowsOf(`SELECT hash, name FROM keys WHERE ${sql} ${NEWEST_FIRST}`, ...values);
  const folded = toFolded(words);
  const found = named.filter(({ name }) => toFolded(String(name)).includes(folded)).map(({ hash }) => String(hash));
  const shown = found.slice(offset, offset + limit);
  if (shown.length === 0) return { keys: [], total: found.length };
  const rows = yield* rowsOf(`${SELECT_KEYS} WHERE hash IN (${marks(shown.length)}) ${NEWEST_FIRST}`, ...shown);
  return { keys: rows.map(toKeptKey), total: found.length };
}

const NEWEST_FIRST = 'ORDER BY created_at DESC, hash';

function conditionOf(reach: Reach, { orgId, words, includesDisabled }: KeyQuery): RowCondition {
  const reached = within(reach, 'org_id');
  const named = words === null ? null : namedLike(words);
  const parts: RowCondition[] = [reached, ...(named === null ? [] : [named])];
  if (orgId !== null) parts.push({ sql: 'org_id = ?', values: [orgId] });
  if (!includesDisabled) parts.push({ sql: 'is_disabled = 0', values: [] });
  return { sql: parts.map(({ sql }) => sql).join(' AND '), values: parts.flatMap(({ values }) => values) };
}

/** In any case of the letters of ASCII; what stands between these may be anything. */
function namedLike(words: string): RowCondition {
  // Any number of signs: in another case there may be more of them.
  const pattern = words
    .replace(/[\\%_]/g, '\\$&')
    .replace(NOT_ASCII, '%')
    .toLowerCase();
  return {
    sql: "(lower(name) LIKE ? ESCAPE '\\' OR hash LIKE ? ESCAPE '\\')",
    values: [`%${pattern}%`, `${pattern}%`],
  };
}

const NOT_ASCII = /[^\0-\x7f]+/g;

function isAscii(text: string): boolean {
  return text.search(NOT_ASCII) < 0;
}

/** The same for all cases of a word: σ and ς are one letter in capitals. */
function toFolded(text: string): string {
  return text.normalize('NFC').toUpperCase().toLowerCase();
}
