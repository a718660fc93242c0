import type { SqlRow } from '../database/operation.ts';
import { parseJson, recordOf } from '../protocol/json.ts';
import type { RouteName } from '../protocol/routes.ts';
import type { KeptLimits } from './limits.ts';

/** What a key is for: calling models, or managing keys. */
export type KeyKind = 'call' | 'management';

/** Names and values that the operator may put beside a key or an organisation. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A key that was made at run time, as it is kept: never its secret. Times are milliseconds since the epoch. */
export interface KeptKey {
  /** Its id: 64 random hexadecimal digits, and nothing of the secret. */
  readonly hash: string;
  readonly orgId: string | null;
  readonly kind: KeyKind;
  readonly name: string;
  /** Beginning and end of the secret. */
  readonly label: string;
  readonly isDisabled: boolean;
  readonly expiresAt: number | null;
  readonly limits: KeptLimits;
  /** Patterns; null for all. */
  readonly models: readonly string[] | null;
  readonly routes: readonly RouteName[] | null;
  readonly metadata: Metadata;
  readonly creator: string | null;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** To the minute. */
  readonly lastUsedAt: number | null;
  /** When the secret before the last rotation ceases to hold, or ceased; null where there is none. */
  readonly oldSecretUntil: number | null;
}

/** An organisation, or a team: an organisation with a parent. */
export interface KeptOrg {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly isDisabled: boolean;
  readonly limits: KeptLimits;
  readonly models: readonly string[] | null;
  readonly metadata: Metadata;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What was changed, by whom. */
export interface KeptAudit {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly action: AuditAction;
  /** The hash of a key, or the id of an organisation. */
  readonly subject: string;
  /** The organisation of the subject. */
  readonly orgId: string | null;
  /** What it was made with, or field by field `[before, after]`. */
  readonly change: unknown;
}

/** A key that is moved has left one organisation and joined another: an entry in each. */
export type AuditAction =
  | `${'key' | 'org'}.${'created' | 'changed' | 'deleted'}`
  | `key.${'left' | 'joined' | 'rotated' | 'reset'}`;

/** @param row of the table `keys`, with `old_secret_until` where that matters */
export function toKeptKey(row: SqlRow): KeptKey {
  return {
    hash: String(row['hash']),
    orgId: textOf(row['org_id']),
    kind: row['kind'] as KeyKind,
    name: String(row['name']),
    label: String(row['label']),
    isDisabled: row['is_disabled'] === 1,
    expiresAt: numberOf(row['expires_at']),
    limits: parsed(row['limits']),
    models: listOf(row['models']),
    routes: listOf(row['routes']) as readonly RouteName[] | null,
    metadata: parsed(row['metadata']),
    creator: textOf(row['creator']),
    version: Number(row['version']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    lastUsedAt: numberOf(row['last_used_at']),
    oldSecretUntil: numberOf(row['old_secret_until']),
  };
}

/** @param row of the table `orgs` */
export function toKeptOrg(row: SqlRow): KeptOrg {
  return {
    id: String(row['id']),
    name: String(row['name']),
    parentId: textOf(row['parent_id']),
    isDisabled: row['is_disabled'] === 1,
    limits: parsed(row['limits']),
    models: listOf(row['models']),
    metadata: parsed(row['metadata']),
    version: Number(row['version']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
  };
}

/** @param row of the table `audit` */
export function toKeptAudit(row: SqlRow): KeptAudit {
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    actor: String(row['actor']),
    action: row['action'] as AuditAction,
    subject: String(row['subject']),
    orgId: textOf(row['org_id']),
    change: parsed(row['change']),
  };
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: SqlRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** The tables hold what this room has written. */
function parsed(value: SqlRow[string] | undefined): Readonly<Record<string, never>> {
  return recordOf(parseJson(String(value))) as Readonly<Record<string, never>>;
}

function listOf(value: SqlRow[string] | undefined): readonly string[] | null {
  return value === null || value === undefined ? null : (parseJson(String(value)) as readonly string[]);
}
