/** Limits and budgets, as the administration's API and the tables have them; what is missing or null does not limit. */
export interface KeptLimits {
  readonly rpm_limit?: number | null;
  readonly tpm_limit?: number | null;
  readonly max_parallel_requests?: number | null;
  /** USD in the window that `limit_reset` names, without it in total. */
  readonly limit?: number | null;
  readonly limit_reset?: LimitReset | null;
  /** USD in that window, from which on it is said and not refused. */
  readonly soft_budget?: number | null;
  /** USD by window. */
  readonly budgets?: Readonly<Partial<Record<BudgetWindow, number | null>>> | null;
  /** Whether they refuse: those of the file may be soft. */
  readonly budgets_on?: GovernedBudget['on'] | null;
  readonly on_exhausted?: OnExhausted | null;
  /** By the id of a model. */
  readonly model_limits?: Readonly<Record<string, KeptModelLimits>> | null;
}

/** Limits for one model. */
export interface KeptModelLimits {
  readonly rpm_limit?: number | null;
  readonly tpm_limit?: number | null;
  readonly max_parallel_requests?: number | null;
}

/** When `limit` begins anew. */
export const LIMIT_RESETS = ['daily', 'weekly', 'monthly'] as const;
export type LimitReset = (typeof LIMIT_RESETS)[number];

/** Days, weeks from Monday and months of UTC; or all there is. */
export const BUDGET_WINDOWS = ['day', 'week', 'month', 'total'] as const;
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** What may become of a stream. */
export const ON_EXHAUSTED = ['finish', 'cut'] as const;
export type OnExhausted = (typeof ON_EXHAUSTED)[number];

/** Rates; null where there is no limit. */
export interface GovernedRates {
  /** Requests and tokens a minute, and calls in flight. */
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrency: number | null;
  /** How many minutes' worth may come at once; null: as `governance.limits.burst` says. */
  readonly burst: number | null;
}

/** Money by window, in nano-USD; null where there is no limit. */
export interface GovernedBudget extends Readonly<Record<BudgetWindow, number | null>> {
  /** Hard: a call beyond it is refused. Soft: it is told, and goes on. */
  readonly on: 'hard' | 'soft';
  /** The share of a window from which on it is told; null: as `governance.budgets` says. */
  readonly softAt: number | null;
}

/** All limits of a key or an organisation. */
export interface GovernedLimits extends GovernedRates {
  readonly budget: GovernedBudget | null;
  /** Null: as `governance.budgets` says. */
  readonly onExhausted: OnExhausted | null;
  /** By the id of a model. */
  readonly models: Readonly<Record<string, GovernedRates>>;
}

/** What a call has to pass: a key, its organisation, and the parent of that. */
export interface GovernedScope {
  /** `key:<hash>`, of a key of the file `key:<name>`; `org:<id>`. */
  readonly id: string;
  readonly role: 'key' | 'org' | 'parent';
  /** Higher after each change: of what is in the database the count of its changes, of the file the time of its loading. */
  readonly version: number;
  /** Null where nothing is limited. */
  readonly limits: GovernedLimits | null;
}

const NANO_PER_USD = 1e9;

/** What the kept words come to; null where nothing is limited. */
export function toGoverned(kept: KeptLimits): GovernedLimits | null {
  const models = Object.entries(kept.model_limits ?? {}).map(([id, rates]) => [id, toRates(rates)] as const);
  return limitedOrNull({
    ...toRates(kept),
    budget: toBudget(kept),
    onExhausted: kept.on_exhausted ?? null,
    models: Object.fromEntries(models),
  });
}

/** The limits, or null where nothing is limited, whatever else is set. */
export function limitedOrNull(limits: GovernedLimits): GovernedLimits | null {
  const { rpm, tpm, concurrency, budget, models } = limits;
  const hasLimit = rpm !== null || tpm !== null || concurrency !== null || budget !== null;
  return hasLimit || Object.keys(models).length > 0 ? limits : null;
}

type MoneyLimits = Pick<KeptLimits, 'limit' | 'limit_reset' | 'soft_budget'>;

/**
 * Whether a change says when money begins anew, of which there is no limit: who forgot that limit would take the key for
 * limited. With `limit: null` beside it nothing was forgotten, and it is kept for a limit that comes later.
 */
export function resetsNothing(before: MoneyLimits, { limit_reset: reset, ...change }: MoneyLimits): boolean {
  const { limit = before.limit, soft_budget: soft = before.soft_budget } = change;
  return reset != null && change.limit !== null && limit == null && soft == null;
}

/** Nano-USD; null where there is no limit. A double is exact to nine million USD. */
export function toNanoOrNull(usd: number | null | undefined): number | null {
  return usd === null || usd === undefined ? null : Math.round(usd * NANO_PER_USD);
}

const WINDOW_OF = { daily: 'day', weekly: 'week', monthly: 'month' } as const satisfies Record<
  LimitReset,
  BudgetWindow
>;

/** The window in which `limit` and `soft_budget` count. */
export function windowOf({ limit_reset: reset }: Pick<KeptLimits, 'limit_reset'>): BudgetWindow {
  return reset == null ? 'total' : WINDOW_OF[reset];
}

/** `limit` is one more window; of two limits for one window the smaller counts. Beside hard limits `soft_budget` is a warning. */
function toBudget(kept: KeptLimits): GovernedBudget | null {
  const { limit, soft_budget: soft, budgets } = kept;
  const window = windowOf(kept);
  const hard = Object.fromEntries(
    BUDGET_WINDOWS.map((name) => [name, smaller(budgets?.[name], name === window ? limit : null)]),
  ) as Record<BudgetWindow, number | null>;
  const isHard = BUDGET_WINDOWS.some((name) => hard[name] !== null);
  const softNano = toNanoOrNull(soft);
  if (isHard) return { ...hard, on: 'hard', softAt: shareOf(softNano, hard[window]) };
  return softNano === null ? null : { ...hard, [window]: softNano, on: 'soft', softAt: null };
}

function smaller(one: number | null | undefined, other: number | null | undefined): number | null {
  const given = [toNanoOrNull(one), toNanoOrNull(other)].filter((nano) => nano !== null);
  return given.length === 0 ? null : Math.min(...given);
}

function shareOf(nano: number | null, limit: number | null): number | null {
  return nano === null || !limit ? null : Math.min(1, nano / limit);
}

function toRates({ rpm_limit: rpm, tpm_limit: tpm, max_parallel_requests: concurrency }: KeptModelLimits) {
  return { rpm: rpm ?? null, tpm: tpm ?? null, concurrency: concurrency ?? null, burst: null };
}
