import { type Operation, rowOf, type StoreOf } from '../database/operation.ts';
import { listAudit } from './audit.ts';
import {
  changeKey,
  createKey,
  findKey,
  keysBeginning,
  removeKey,
  resetKey,
  rotateKey,
  touchKeys,
} from './kept-keys.ts';
import { changeOrg, createOrg, findOrg, listOrgs, removeOrg } from './kept-orgs.ts';
import { limitsChangedSince } from './limit-changes.ts';
import { listKeys } from './listed-keys.ts';
import { everReached } from './reach.ts';
import { type KeptKey, type KeptOrg, toKeptKey } from './records.ts';

/** A key that was found by its secret, with the organisations of the tables that it belongs to. */
export interface FoundKey {
  readonly key: KeptKey;
  /** From then on this secret of it is none; null: for good. */
  readonly secretUntil: number | null;
  readonly orgs: FoundOrg;
}

/** An organisation with its parent; null for what is in no table. */
export interface FoundOrg {
  readonly org: KeptOrg | null;
  readonly parent: KeptOrg | null;
}

/** What all processes at one database look at, to learn that something has changed. */
export interface AccessState {
  readonly version: number;
  readonly hasKeys: boolean;
  /** The number of the newest entry of the audit; 0 for none. */
  readonly lastEntry: number;
}

/** What changes keys and organisations, each with its entry in the audit, in one transaction. */
export const ACCESS_WRITES = {
  createKey,
  changeKey,
  rotateKey,
  resetKey,
  removeKey,
  createOrg,
  changeOrg,
  removeOrg,
  touchKeys,
};

/** What reads them. */
export const ACCESS_READS = {
  accessState,
  everReached,
  findBySecret,
  findKey,
  findOrg,
  findOrgs,
  keysBeginning,
  limitsChangedSince,
  listAudit,
  listKeys,
  listOrgs,
};

/** Keys and organisations that were made at run time: each method an operation of this room. */
export type AccessStore = StoreOf<typeof ACCESS_WRITES & typeof ACCESS_READS>;

function* accessState(): Operation<AccessState> {
  const row = yield* rowOf(
    `SELECT version, (SELECT count(*) FROM (SELECT 1 FROM keys LIMIT 1) AS one) AS has_keys,
       (SELECT max(seq) FROM audit) AS last_entry FROM access_version WHERE id = 1`,
  );
  return {
    version: Number(row?.['version'] ?? 0),
    hasKeys: Number(row?.['has_keys'] ?? 0) > 0,
    lastEntry: Number(row?.['last_entry'] ?? 0),
  };
}

function* findBySecret(digest: string): Operation<FoundKey | null> {
  const row = yield* rowOf(
    'SELECT keys.*, secrets.expires_at AS secret_until FROM secrets JOIN keys ON keys.hash = secrets.key_hash WHERE secrets.digest = ?',
    digest,
  );
  if (row === null) return null;
  const key = toKeptKey(row);
  const { secret_until: until = null } = row;
  const orgs = key.orgId === null ? { org: null, parent: null } : yield* findOrgs(key.orgId);
  return { key, secretUntil: until === null ? null : Number(until), orgs };
}

/** An organisation with its parent. */
function* findOrgs(id: string): Operation<FoundOrg> {
  const org = yield* findOrg(id);
  const parent = org?.parentId == null ? null : yield* findOrg(org.parentId);
  return { org, parent };
}
