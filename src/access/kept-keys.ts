import { marks, type Operation, rowOf, rowsOf } from '../database/operation.ts';
import { type Act, beginChange, changesBetween, factsOf, record, valuesBefore } from './audit.ts';
import { changedFrom } from './changed.ts';
import type { BudgetWindow } from './limits.ts';
import type { LimitsChange } from './limits-after.ts';
import { type Reach, within } from './reach.ts';
import { type KeptKey, toKeptKey } from './records.ts';
import type { NewSecret } from './secret.ts';

/** What may be changed of a key; what is missing stays. */
export type KeyChange = Partial<
  Pick<KeptKey, 'name' | 'isDisabled' | 'expiresAt' | 'models' | 'routes' | 'metadata' | 'orgId'>
> & { readonly limits?: LimitsChange };

/**
 * Puts a key down, with the digest of its secret.
 * @param isFileOrg whether its organisation stands in the file, and in no table
 * @returns false where its organisation is missing
 */
export function* createKey(
  key: KeptKey,
  { digest }: Pick<NewSecret, 'digest'>,
  isFileOrg: boolean,
  act: Act,
): Operation<boolean> {
  yield* beginChange();
  if (!isFileOrg && (yield* isOrphan(key))) return false;
  yield* rowsOf(`INSERT INTO keys (${COLUMNS.join(', ')}) VALUES (${marks(COLUMNS.length)})`, ...valuesOf(key));
  yield* addSecret(key.hash, digest, act.at);
  yield* record(act, { action: 'key.created', subject: key.hash, orgId: key.orgId, change: factsOf(key) });
  return true;
}

/**
 * Changes a key; null where there is none within reach, `orphan` where the organisation it moves to is missing, `no-limit`
 * where it says when a limit begins anew that there is not.
 */
export function* changeKey(
  hash: string,
  reach: Reach,
  change: KeyChange,
  isFileOrg: boolean,
  act: Act,
): Operation<KeptKey | 'orphan' | 'no-limit' | null> {
  const now = yield* findKey(hash, reach);
  // What changes nothing is not counted: no process has to read anything again.
  if (now === null || changedFrom(now, change, act.at) === now) return now;
  yield* beginChange();
  const before = yield* findKey(hash, reach);
  if (before === null) return null;
  if (change.orgId !== undefined && !isFileOrg && (yield* isOrphan({ orgId: change.orgId }))) return 'orphan';
  const after = changedFrom(before, change, act.at);
  if (after === 'no-limit' || after === before) return after;
  yield* write(after);
  if (after.orgId !== before.orgId) yield* recordMove(before, after, act);
  else {
    const changed = changesBetween(before, after);
    yield* record(act, { action: 'key.changed', subject: hash, orgId: after.orgId, change: changed });
  }
  return after;
}

/**
 * An entry in each of both organisations, of which one's managers know nothing of the other: the one it left has what was
 * changed with it as it was, the one it came to has what it is now.
 */
function* recordMove(before: KeptKey, after: KeptKey, act: Act): Operation<void> {
  const { hash, name, label } = before;
  const left = { name, label, ...valuesBefore(before, { ...after, orgId: before.orgId }) };
  yield* record(act, { action: 'key.left', subject: hash, orgId: before.orgId, change: left });
  yield* record(act, { action: 'key.joined', subject: hash, orgId: after.orgId, change: factsOf(after) });
}

/** Gives a key another secret; the ones before it hold until `oldUntil`. Null where there is none within reach. */
export function* rotateKey(
  hash: string,
  reach: Reach,
  { digest, label }: Pick<NewSecret, 'digest' | 'label'>,
  oldUntil: number,
  act: Act,
): Operation<KeptKey | null> {
  yield* beginChange();
  const before = yield* findKey(hash, reach);
  if (before === null) return null;
  const oldSecretUntil = oldUntil > act.at ? oldUntil : null;
  const after: KeptKey = { ...before, label, version: before.version + 1, updatedAt: act.at, oldSecretUntil };
  yield* write(after);
  yield* rowsOf('DELETE FROM secrets WHERE key_hash = ? AND expires_at <= ?', hash, act.at);
  yield* rowsOf(
    'UPDATE secrets SET expires_at = ? WHERE key_hash = ? AND (expires_at IS NULL OR expires_at > ?)',
    ...[oldUntil, hash, oldUntil],
  );
  if (oldUntil <= act.at) yield* rowsOf('DELETE FROM secrets WHERE key_hash = ?', hash);
  yield* addSecret(hash, digest, act.at);
  const change = { label: [before.label, label], old_until: oldUntil };
  yield* record(act, { action: 'key.rotated', subject: hash, orgId: after.orgId, change });
  return after;
}

/** Puts down that a window of its budget begins anew. The row stays as it is. Null where there is none within reach. */
export function* resetKey(hash: string, reach: Reach, window: BudgetWindow, act: Act): Operation<KeptKey | null> {
  const key = yield* findKey(hash, reach);
  if (key === null) return null;
  yield* record(act, { action: 'key.reset', subject: hash, orgId: key.orgId, change: { window } });
  return key;
}

/** Removes a key and its secrets; what it has used stays on record. False where there is none within reach. */
export function* removeKey(hash: string, reach: Reach, act: Act): Operation<boolean> {
  yield* beginChange();
  const key = yield* findKey(hash, reach);
  if (key === null) return false;
  yield* eraseKey(key, act);
  return true;
}

/** @param act whoever erases it, or the organisation that it belongs to */
export function* eraseKey({ hash, orgId, name, label }: KeptKey, act: Act): Operation<void> {
  yield* rowsOf('DELETE FROM secrets WHERE key_hash = ?', hash);
  yield* rowsOf('DELETE FROM keys WHERE hash = ?', hash);
  yield* record(act, { action: 'key.deleted', subject: hash, orgId, change: { name, label } });
}

/** One key within reach. */
export function* findKey(hash: string, reach: Reach): Operation<KeptKey | null> {
  const { sql, values } = within(reach, 'org_id');
  const row = yield* rowOf(`${SELECT_KEYS} WHERE hash = ? AND ${sql}`, hash, ...values);
  return row === null ? null : toKeptKey(row);
}

/** Keys whose hash begins so: at most two, which is enough to see that there are several. */
export function* keysBeginning(start: string, reach: Reach): Operation<readonly KeptKey[]> {
  const { sql, values } = within(reach, 'org_id');
  // No digit comes after f, so that g ends all that begins so, in the order of any language.
  const rows = yield* rowsOf(
    `${SELECT_KEYS} WHERE hash >= ? AND hash < ? AND ${sql} LIMIT 2`,
    start,
    `${start}g`,
    ...values,
  );
  return rows.map(toKeptKey);
}

/** Puts down when keys were used last. No change that others have to learn of. */
export function* touchKeys(hashes: readonly string[], at: number): Operation<void> {
  // In one order, so that two gateways do not wait for each other.
  for (const hash of hashes.toSorted()) yield* rowsOf('UPDATE keys SET last_used_at = ? WHERE hash = ?', at, hash);
}

function* isOrphan({ orgId }: Pick<KeptKey, 'orgId'>): Operation<boolean> {
  return orgId !== null && (yield* rowOf('SELECT id FROM orgs WHERE id = ?', orgId)) === null;
}

function* addSecret(hash: string, digest: string, at: number): Operation<void> {
  yield* rowsOf('INSERT INTO secrets (digest, key_hash, created_at) VALUES (?, ?, ?)', digest, hash, at);
}

function* write(key: KeptKey): Operation<void> {
  const [, ...columns] = COLUMNS;
  const [hash, ...values] = valuesOf(key);
  yield* rowsOf(
    `UPDATE keys SET ${columns.map((name) => `${name} = ?`).join(', ')} WHERE hash = ?`,
    ...values,
    hash ?? null,
  );
}

/** All that a key is read from. */
export const SELECT_KEYS =
  'SELECT keys.*, (SELECT max(expires_at) FROM secrets WHERE key_hash = keys.hash) AS old_secret_until FROM keys';

const COLUMNS = [
  'hash',
  'org_id',
  'kind',
  'name',
  'label',
  'is_disabled',
  'expires_at',
  'limits',
  'models',
  'routes',
  'metadata',
  'creator',
  'version',
  'created_at',
  'updated_at',
  'last_used_at',
] as const;

function valuesOf(key: KeptKey): (string | number | null)[] {
  return [
    ...[key.hash, key.orgId, key.kind, key.name, key.label, Number(key.isDisabled), key.expiresAt],
    ...[key.limits, key.models, key.routes, key.metadata].map(textOrNull),
    ...[key.creator, key.version, key.createdAt, key.updatedAt, key.lastUsedAt],
  ];
}

/** JSON; null where there is nothing. */
export function textOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
