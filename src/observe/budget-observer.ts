import type { Logger } from 'pino';
import type { ScopeAlert } from '../limits/ledger.ts';
import type { Metrics } from './metrics.ts';

/** Is told what there is to say of the money of keys and organisations. */
export interface BudgetObserver {
  /** Little is left, or a soft budget is used up: counted each time, logged once a window. */
  alert(alert: ScopeAlert): void;
  /** @param nano nano-USD by which a call has overdrawn a hard budget */
  overran(nano: number): void;
}

const NANO_PER_USD = 1e9;
const SAID = {
  near: 'little is left of a budget',
  exceeded: 'a soft budget is used up, and calls go on',
} as const;

/** Tells the log and the metrics. */
export function createBudgetObserver(
  log: Logger,
  metrics: Pick<Metrics, 'budgetAlert' | 'budgetOverrun'>,
): BudgetObserver {
  return {
    alert(alert) {
      const { scope, window, level, isFirst } = alert;
      metrics.budgetAlert(alert);
      if (isFirst) log.warn({ scope: scope.id, window }, SAID[level]);
    },
    overran: (nano) => metrics.budgetOverrun(nano / NANO_PER_USD),
  };
}
