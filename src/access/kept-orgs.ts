import { marks, type Operation, rowOf, rowsOf } from '../database/operation.ts';
import { type Act, beginChange, changesBetween, factsOf, record } from './audit.ts';
import { changedFrom } from './changed.ts';
import { eraseKey, textOrNull } from './kept-keys.ts';
import type { LimitsChange } from './limits-after.ts';
import { type OrgReach, type Reach, within } from './reach.ts';
import { type KeptOrg, toKeptKey, toKeptOrg } from './records.ts';

/** What may be changed of an organisation; what is missing stays. */
export type OrgChange = Partial<Pick<KeptOrg, 'name' | 'isDisabled' | 'models' | 'metadata'>> & {
  readonly limits?: LimitsChange;
};

/** Organisations, by their ids, and how many there are. */
export interface OrgPage {
  readonly orgs: readonly KeptOrg[];
  readonly total: number;
}

/**
 * Puts an organisation down.
 * @param isFileParent whether its parent stands in the file, and in no table
 * @returns `taken` where the id is, or was, `orphan` where the parent is missing, `deep` where the parent has one itself
 */
export function* createOrg(
  org: KeptOrg,
  isFileParent: boolean,
  act: Act,
): Operation<'created' | 'taken' | 'orphan' | 'deep'> {
  yield* beginChange();
  // What a deleted one has kept is still under its id: no other gets it.
  const isGone = yield* rowOf("SELECT seq FROM audit WHERE subject = ? AND action = 'org.deleted'", org.id);
  if (isGone !== null || (yield* findOrg(org.id)) !== null) return 'taken';
  if (org.parentId !== null && !isFileParent) {
    const parent = yield* findOrg(org.parentId);
    if (parent === null) return 'orphan';
    if (parent.parentId !== null) return 'deep';
  }
  yield* rowsOf(`INSERT INTO orgs (${COLUMNS.join(', ')}) VALUES (${marks(COLUMNS.length)})`, ...valuesOf(org));
  yield* record(act, { action: 'org.created', subject: org.id, orgId: org.parentId ?? org.id, change: factsOf(org) });
  return 'created';
}

/** @param reach of which only the teams may be changed. Null where there is none within it; `no-limit` as of a key */
export function* changeOrg(
  id: string,
  reach: Reach,
  change: OrgChange,
  act: Act,
): Operation<KeptOrg | 'no-limit' | null> {
  const now = yield* managedOrg(id, reach);
  if (now === null || changedFrom(now, change, act.at) === now) return now;
  yield* beginChange();
  const before = yield* managedOrg(id, reach);
  if (before === null) return null;
  const after = changedFrom(before, change, act.at);
  if (after === 'no-limit' || after === before) return after;
  const [, ...columns] = COLUMNS;
  const [, ...values] = valuesOf(after);
  yield* rowsOf(`UPDATE orgs SET ${columns.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`, ...values, id);
  const changed = changesBetween(before, after);
  yield* record(act, { action: 'org.changed', subject: id, orgId: after.parentId ?? id, change: changed });
  return after;
}

/**
 * Removes an organisation with its teams and all their keys; what they have used stays on record.
 * @returns the scopes of all that is gone; none where there is no such organisation within reach
 */
export function* removeOrg(id: string, reach: Reach, act: Act): Operation<readonly string[]> {
  yield* beginChange();
  const org = yield* managedOrg(id, reach);
  if (org === null) return [];
  const scopes: string[] = [];
  const teams = (yield* rowsOf('SELECT * FROM orgs WHERE parent_id = ?', id)).map(toKeptOrg);
  for (const gone of [...teams, org]) {
    const keys = yield* rowsOf('SELECT * FROM keys WHERE org_id = ?', gone.id);
    for (const key of keys) yield* eraseKey(toKeptKey(key), act);
    yield* rowsOf('DELETE FROM orgs WHERE id = ?', gone.id);
    scopes.push(...keys.map(({ hash }) => `key:${hash}`), `org:${gone.id}`);
    const change = { name: gone.name, keys: keys.length };
    yield* record(act, { action: 'org.deleted', subject: gone.id, orgId: gone.parentId ?? gone.id, change });
  }
  return scopes;
}

/** One organisation. */
export function* findOrg(id: string): Operation<KeptOrg | null> {
  const row = yield* rowOf('SELECT * FROM orgs WHERE id = ?', id);
  return row === null ? null : toKeptOrg(row);
}

/** A part of them. */
export function* listOrgs(reach: Reach, offset: number, limit: number): Operation<OrgPage> {
  const { sql, values } = within(reach, 'id');
  const count = yield* rowOf(`SELECT count(*) AS total FROM orgs WHERE ${sql}`, ...values);
  const rows = yield* rowsOf(`SELECT * FROM orgs WHERE ${sql} ORDER BY id LIMIT ? OFFSET ?`, ...values, limit, offset);
  return { orgs: rows.map(toKeptOrg), total: Number(count?.['total'] ?? 0) };
}

/** Nobody changes the limits that they are under: of their organisation only the teams. */
function* managedOrg(id: string, reach: Reach): Operation<KeptOrg | null> {
  const org = yield* findOrg(id);
  return org !== null && (reach === null || isTeamOf(org, reach)) ? org : null;
}

function isTeamOf({ parentId }: KeptOrg, { org }: OrgReach): boolean {
  return parentId === org;
}

const COLUMNS = [
  'id',
  'name',
  'parent_id',
  'is_disabled',
  'limits',
  'models',
  'metadata',
  'version',
  'created_at',
  'updated_at',
] as const;

function valuesOf(org: KeptOrg): (string | number | null)[] {
  return [
    ...[org.id, org.name, org.parentId, Number(org.isDisabled)],
    ...[org.limits, org.models, org.metadata].map(textOrNull),
    ...[org.version, org.createdAt, org.updatedAt],
  ];
}
