import type { BudgetAlert } from './budget.ts';
import type { Refused, ScopeAlert, Standing } from './ledger.ts';
import type { RateStanding } from './rate.ts';
import type { Scope } from './scope.ts';
import type { Obstacle, ScopeAccount } from './scope-account.ts';

// What the accounts of a call say together. Each stands at the place of its scope.

const NO_ALERTS: readonly ScopeAlert[] = Object.freeze([]);

/** The refusal for the obstacle that lasts longest; null where there is none. */
export function refusalOf(
  scopes: readonly Scope[],
  accounts: readonly ScopeAccount[],
  now: number,
  obstacleIn: (account: ScopeAccount) => Obstacle | null,
): Refused | null {
  let worst: (Obstacle & { readonly scope: Scope }) | null = null;
  let at = 0;
  for (const account of accounts) {
    const scope = scopes[at++];
    const obstacle = obstacleIn(account);
    if (scope && obstacle !== null && obstacle.waitMs > (worst?.waitMs ?? 0)) worst = { ...obstacle, scope };
  }
  if (worst === null) return null;
  const { scope, hit, waitMs } = worst;
  const retryAfterMs = Number.isFinite(waitMs) ? Math.ceil(waitMs) : null;
  return { outcome: 'refused', scope, hit, retryAfterMs, standing: standingOf(accounts, now) };
}

/** What every scope still allows. */
export function allowedIn(accounts: readonly ScopeAccount[]): number {
  let allowed = Number.POSITIVE_INFINITY;
  for (const { money } of accounts) allowed = Math.min(allowed, money.allowed());
  return allowed;
}

/** Takes something in all of them, and says what there is to tell of their money. */
export function takeIn(
  scopes: readonly Scope[],
  accounts: readonly ScopeAccount[],
  takeFrom: (account: ScopeAccount) => readonly BudgetAlert[],
): readonly ScopeAlert[] {
  let alerts: readonly ScopeAlert[] = NO_ALERTS;
  let at = 0;
  for (const account of accounts) {
    const scope = scopes[at++];
    const told = takeFrom(account);
    if (scope && told.length > 0) alerts = [...alerts, ...told.map((alert) => ({ ...alert, scope }))];
  }
  return alerts;
}

/** What is left, each in the scope that has least of it. */
export function standingOf(accounts: readonly ScopeAccount[], now: number): Standing {
  let requests: RateStanding | null = null;
  let tokens: RateStanding | null = null;
  let budget = Number.POSITIVE_INFINITY;
  for (const account of accounts) {
    requests = scarcer(requests, account.requests(now));
    tokens = scarcer(tokens, account.tokens(now));
    budget = Math.min(budget, account.money.left());
  }
  return { requests, tokens, budgetNano: Number.isFinite(budget) ? budget : null };
}

function scarcer(a: RateStanding | null, b: RateStanding | null): RateStanding | null {
  if (a === null || b === null) return a ?? b;
  return b.share < a.share ? b : a;
}
