import type { Key } from '../../access/keys.ts';
import type { KeptLimits } from '../../access/limits.ts';
import type { ShownOrg } from '../../access/org-management.ts';
import type { KeptAudit, KeptKey } from '../../access/records.ts';
import type { SpentFigures } from './figures.ts';

/** A key as OpenRouter's API tells of one, with what is ours. */
export function toKeyData(key: KeptKey, spent: SpentFigures): object {
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
    creator: key.creator,
    version: key.version,
  };
}

/** An organisation, after LiteLLM's team. */
export function toOrgData(org: ShownOrg, spent: SpentFigures): object {
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

/** A caller's own key. */
export function toOwnData(key: Key, spent: SpentFigures): object {
  return {
    hash: key.hash,
    name: key.name,
    label: key.label,
    kind: key.manages !== 'nothing' && !key.routes.has('chat') ? 'management' : 'call',
    org_id: key.org,
    is_admin: key.isAdmin,
    ...limitsData(key.limits, spent),
    // Of several lists a model has to be in each.
    models: key.models.length === 0 ? null : key.models.length === 1 ? key.models[0] : key.models,
    routes: [...key.routes],
    expires_at: toTime(key.expiresAt),
    ...spent,
  };
}

/** An entry of the audit. */
export function toAuditData({ seq, at, actor, action, subject, orgId, change }: KeptAudit): object {
  return { id: String(seq), at: toTime(at), actor, action, subject, org_id: orgId, change };
}

function limitsData(limits: KeptLimits, spent: SpentFigures): object {
  const { limit = null, limit_reset: reset = null } = limits;
  const used = {
    daily: spent.usage_daily,
    weekly: spent.usage_weekly,
    monthly: spent.usage_monthly,
    never: spent.usage,
  };
  const usage = used[reset ?? 'never'];
  return {
    limit,
    limit_reset: reset,
    limit_remaining: limit === null || usage === null ? null : remaining(limit, usage + spent.held),
    soft_budget: limits.soft_budget ?? null,
    budgets: limits.budgets ?? null,
    on_exhausted: limits.on_exhausted ?? null,
    rpm_limit: limits.rpm_limit ?? null,
    tpm_limit: limits.tpm_limit ?? null,
    max_parallel_requests: limits.max_parallel_requests ?? null,
    model_limits: limits.model_limits ?? null,
  };
}

/** As it refuses: what calls in flight may still spend is not left. */
function remaining(limit: number, taken: number): number {
  return Math.max(0, Number((limit - taken).toFixed(9)));
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
