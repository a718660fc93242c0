/** Days, weeks from Monday and months of UTC; or all there is. */
type BudgetWindow = 'day' | 'week' | 'month' | 'total';

/** What may become of a stream. */
type OnExhausted = 'finish' | 'cut';

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
  /** Counts the changes of its row; 0 for what stands in the file. */
  readonly version: number;
  /** Null where nothing is limited. */
  readonly limits: GovernedLimits | null;
}

const NANO_PER_USD = 1e9;

/** The limits, or null where nothing is limited, whatever else is set. */
export function limitedOrNull(limits: GovernedLimits): GovernedLimits | null {
  const { rpm, tpm, concurrency, budget, models } = limits;
  const hasLimit = rpm !== null || tpm !== null || concurrency !== null || budget !== null;
  return hasLimit || Object.keys(models).length > 0 ? limits : null;
}

/** Nano-USD; null where there is no limit. A double is exact to nine million USD. */
export function toNanoOrNull(usd: number | null | undefined): number | null {
  return usd === null || usd === undefined ? null : Math.round(usd * NANO_PER_USD);
}
