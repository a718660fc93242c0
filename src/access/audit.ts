import { type Operation, rowsOf, type SqlValue } from '../database/operation.ts';
import { everWithin, type Reach } from './reach.ts';
import { type KeptAudit, toKeptAudit } from './records.ts';

/** Who does it, and when. */
export interface Act {
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Counts a change, first of all: whoever changes something at the same time waits for its end. */
export function* beginChange(): Operation<void> {
  yield* rowsOf('UPDATE access_version SET version = version + 1 WHERE id = 1');
}

/** Puts down what was done, in the transaction that does it. */
export function* record(
  { actor, at }: Act,
  { action, subject, orgId, change }: Pick<KeptAudit, 'action' | 'subject' | 'orgId' | 'change'>,
): Operation<void> {
  yield* rowsOf(
    'INSERT INTO audit (at, actor, action, subject, org_id, change) VALUES (?, ?, ?, ?, ?, ?)',
    ...[at, actor, action, subject, orgId, JSON.stringify(change)],
  );
}

/** Field by field `[before, after]`, of what differs. */
export function changesBetween<T extends object>(before: T, after: T): Readonly<Record<string, readonly unknown[]>> {
  const names = Object.keys(after).filter((name) => !UNTOLD.has(name)) as (keyof T & string)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [wordOf(name), [before[name], after[name]]]));
}

/** Of what differs, what it was. */
export function valuesBefore<T extends object>(before: T, after: T): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(changesBetween(before, after)).map(([name, [was]]) => [name, was]));
}

/** What something is, or was made with. */
export function factsOf(made: object): Readonly<Record<string, unknown>> {
  const facts = Object.entries(made).filter(([name, value]) => !UNTOLD.has(name) && value !== null);
  return Object.fromEntries(facts.map(([name, value]) => [wordOf(name), value]));
}

const UNTOLD: ReadonlySet<string> = new Set([
  'version',
  'createdAt',
  'updatedAt',
  'lastUsedAt',
  'oldSecretUntil',
  'hash',
]);

const WORDS: Readonly<Record<string, string>> = {
  orgId: 'org_id',
  parentId: 'parent_id',
  isDisabled: 'disabled',
  expiresAt: 'expires_at',
};

/** The name that a field has in the administration's API. */
function wordOf(name: string): string {
  return WORDS[name] ?? name;
}

/** Which entries are asked for. */
export interface AuditQuery {
  readonly subject: string | null;
  readonly limit: number;
  /** The number of the last one of the page before. */
  readonly before: number | null;
}

/** The newest first. */
export function* listAudit(reach: Reach, { subject, limit, before }: AuditQuery): Operation<readonly KeptAudit[]> {
  const reached = everWithin(reach, 'org_id');
  const conditions: [string, ...SqlValue[]][] = [[reached.sql, ...reached.values]];
  if (subject !== null) conditions.push(['subject = ?', subject]);
  if (before !== null) conditions.push(['seq < ?', before]);
  const where = conditions.map(([sql]) => sql).join(' AND ');
  const values = conditions.flatMap(([, ...given]) => given);
  const rows = yield* rowsOf(`SELECT * FROM audit WHERE ${where} ORDER BY seq DESC LIMIT ?`, ...values, limit);
  return rows.map(toKeptAudit);
}
