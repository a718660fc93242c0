import { z } from 'zod';

// OpenRouter's clients check each answer against their schema and throw where a field is missing: after a 201 the secret
// would be in their exception alone. So what its keys API tells and has no meaning here is told as it is here.

/** All keys are in this one: what OpenRouter has workspaces for, organisations are for here. */
const WORKSPACE = 'default';

/** What each key that was made at run time has besides. */
export const OPENROUTER_KEY = {
  /** Calls with a provider's key of the client's own: there are none. */
  byok_usage: 0,
  byok_usage_daily: 0,
  byok_usage_weekly: 0,
  byok_usage_monthly: 0,
  include_byok_in_limit: false,
  /** There are no users: `creator` is the key that made it. */
  creator_user_id: null,
  external_user: null,
  workspace_id: WORKSPACE,
} as const;

/**
 * What `GET /v1/key` has besides: no tier is free, and no region is kept to.
 * @param rpm its requests a minute; null without a limit
 */
export function openRouterOwn(org: string | null, isManager: boolean, rpm: number | null): object {
  const { external_user: _none, ...ofKeys } = OPENROUTER_KEY;
  return {
    ...ofKeys,
    organization_id: org,
    is_management_key: isManager,
    // The name of the same before.
    is_provisioning_key: isManager,
    is_free_tier: false,
    free_model_daily_requests: { limit: 0, remaining: 0, used: 0 },
    allowed_data_regions: ['global'],
    rate_limit: { requests: rpm ?? -1, interval: '1m', note: 'What rpm_limit says; -1 without one.' },
  };
}

/** Fields of its bodies that are taken, whatever is in them, and change nothing. */
export const IGNORED_FIELDS = {
  include_byok_in_limit: z.unknown().optional(),
  creator_user_id: z.unknown().optional(),
  workspace_id: z.unknown().optional(),
  external: z.unknown().optional(),
} as const;

/** Parameters of its lists that change nothing. */
export const IGNORED_PARAMETERS = ['workspace_id'] as const;
