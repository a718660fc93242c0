import type { FileKey } from '../../access/key-management.ts';
import type { Key } from '../../access/keys.ts';
import type { KeptLimits } from '../../access/limits.ts';
import type { ShownOrg } from '../../access/org-management.ts';
import type { AuditAction, KeptAudit, KeptKey, KeyKind } from '../../access/records.ts';
import type { RouteName } from '../../protocol/routes.ts';
import { type SpentFigures, UNKNOWN_SPENT } from './figures.ts';
import { OPENROUTER_KEY, openRouterOwn } from './openrouter-shape.ts';
import { budgetRemaining, limitRemaining } from './remaining.ts';

/** What was done to a key or an organisation, by whom: an entry of `GET /v1/audit`. */
export interface AuditBody {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** `key:<hash>`, of a key of the file `key:<name>`; or `command line`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The hash of a key, or the id of an organisation. */
  readonly subject: string;
  readonly org_id: string | null;
  /** What it was made with, or field by field `[before, after]`. */
  readonly change: unknown;
}

/** What limits a key or an organisation; null where nothing is said. */
export interface LimitsBody extends Readonly<Required<KeptLimits>> {
  /** USD, of `limit` and `budgets` in the window that has least; null without either, and where it is not known what was spent. */
  readonly limit_remaining: number | null;
}

/** A key that was made at run time, as its managers are shown it. Times are ISO 8601, amounts USD. */
export interface KeyBody extends LimitsBody, SpentFigures {
  readonly hash: string;
  readonly name: string;
  readonly label: string;
  readonly kind: KeyKind;
  readonly disabled: boolean;
  readonly org_id: string | null;
  /** Patterns; null for all. */
  readonly models: readonly string[] | null;
  readonly routes: readonly RouteName[] | null;
  readonly metadata: object;
  readonly expires_at: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly last_used_at: string | null;
  /** When the secret before the last rotation ceases to hold, or ceased; null where there is none. */
  readonly old_secret_until: string | null;
  readonly creator: string | null;
  readonly version: number;
}

/** A key of the file: an entry of `GET /v1/keys?static=true`. */
export interface StaticKeyBody extends LimitsBody, SpentFigures {
  readonly static: true;
  readonly name: string;
  readonly kind: KeyKind;
  readonly is_admin: boolean;
  readonly org_id: string | null;
  /** The organisations that it serves, `*` for all; null where it serves none but its own. */
  readonly orgs: readonly string[] | '*' | null;
  readonly models: readonly string[] | null;
  readonly routes: readonly RouteName[];
}

/** An organisation or a team, with what all its keys have spent. */
export interface OrgBody extends LimitsBody, SpentFigures {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
  readonly disabled: boolean;
  /** Whether it stands in the file. */
  readonly static: boolean;
  readonly models: readonly string[] | null;
  readonly metadata: object;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly version: number;
}

/** A key as OpenRouter's API tells of one, with what is ours. */
export function toKeyData(key: KeptKey, spent: SpentFigures): KeyBody {
  return {
    hash: key.hash,
    name: key.name,
    label: key.label,
    kind: key.kind,
    disabled: key.isDisabled,
    org_id: key.orgId,
    ...limitsData(key.limits, spent),
    models: key.models,
    routes: key.routes,
    metadata: key.metadata,
    expires_at: toTime(key.expiresAt),
    ...spent,
    created_at: toTime(key.createdAt),
    updated_at: toTime(key.updatedAt),
    last_used_at: toTime(key.lastUsedAt),
    old_secret_until: toTime(key.oldSecretUntil),
    creator: key.creator,
    version: key.version,
  };
}

/** A key of the file, whose secret and times are not ours to show. */
export function toStaticKeyData(
  { caller, isAdmin, kind, org, orgs, models }: FileKey,
  spent: SpentFigures,
): StaticKeyBody {
  return {
    static: true,
    name: caller.name,
    kind,
    is_admin: isAdmin,
    org_id: org,
    orgs,
    ...limitsData(caller.limits, spent),
    models,
    routes: [...caller.routes],
    ...spent,
  };
}

/** A key as managers are shown it, with all that OpenRouter's clients look for. */
export function toKeyAnswer(key: KeptKey, spent: SpentFigures): KeyBody & typeof OPENROUTER_KEY {
  return { ...toKeyData(key, spent), ...OPENROUTER_KEY };
}

/** An organisation, after LiteLLM's team. */
export function toOrgData(org: ShownOrg, spent: SpentFigures): OrgBody {
  return {
    id: org.id,
    name: org.name,
    parent_id: org.parentId,
    disabled: org.isDisabled,
    static: org.isStatic,
    ...limitsData(org.limits, spent),
    models: org.models,
    metadata: org.metadata,
    ...spent,
    created_at: org.isStatic ? null : toTime(org.createdAt),
    updated_at: org.isStatic ? null : toTime(org.updatedAt),
    version: org.version,
  };
}

/** A caller's own key. @param spent by its scopes */
export function toOwnData(key: Key, spent: readonly SpentFigures[]): object {
  const [own = UNKNOWN_SPENT] = spent;
  const isManager = key.manages !== 'nothing' && !key.routes.has('chat');
  return {
    hash: key.hash,
    name: key.name,
    label: key.label ?? key.name,
    kind: isManager ? 'management' : 'call',
    org_id: key.org,
    is_admin: key.isAdmin,
    ...limitsData(key.limits, own),
    budget_remaining: budgetRemaining(key.scopes, spent),
    // Of several lists a model has to be in each.
    models: key.models.length === 0 ? null : key.models.length === 1 ? key.models[0] : key.models,
    routes: [...key.routes],
    expires_at: toTime(key.expiresAt),
    ...own,
    ...openRouterOwn(key.org, isManager, key.limits.rpm_limit ?? null),
  };
}

/** An entry of the audit. */
export function toAuditData({ seq, at, actor, action, subject, orgId, change }: KeptAudit): AuditBody {
  return { id: String(seq), at: new Date(at).toISOString(), actor, action, subject, org_id: orgId, change };
}

function limitsData(limits: KeptLimits, spent: SpentFigures): LimitsBody {
  return {
    limit: limits.limit ?? null,
    limit_reset: limits.limit_reset ?? null,
    limit_remaining: limitRemaining(limits, spent),
    soft_budget: limits.soft_budget ?? null,
    budgets: limits.budgets ?? null,
    budgets_on: limits.budgets ? (limits.budgets_on ?? 'hard') : null,
    on_exhausted: limits.on_exhausted ?? null,
    rpm_limit: limits.rpm_limit ?? null,
    tpm_limit: limits.tpm_limit ?? null,
    max_parallel_requests: limits.max_parallel_requests ?? null,
    model_limits: limits.model_limits ?? null,
  };
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
