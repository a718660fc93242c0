import { askFor, clampOf, flatAsk, quoteOf, sizeOf, toppedUp, topUp } from './ask.ts';
import type { Ledger } from './ledger.ts';
import { toLimitError } from './limit-errors.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { limitedBy, limitHeaders } from './ratelimit-headers.ts';
import { modelScope } from './scope.ts';
import { settlementOf } from './settlement.ts';
import { spendRows } from './spend.ts';
import { windowKeysAt, windowKeysBefore, windowsAt } from './windows.ts';

/** Limits and budgets as the rooms of the line take them, which know this one by its types alone. */
export interface Governance extends Readonly<typeof RULES> {
  readonly ledger: Ledger;
}

const RULES = {
  sizeOf,
  quoteOf,
  askFor,
  flatAsk,
  topUp,
  toppedUp,
  clampOf,
  modelScope,
  settlementOf,
  spendRows,
  windowsAt,
  windowKeysAt,
  windowKeysBefore,
  limitHeaders,
  limitedBy,
  toLimitError,
};

/**
 * Where the state lives is chosen here.
 * @param clock milliseconds since the epoch
 */
export function createGovernance(clock: () => number): Governance {
  return { ...RULES, ledger: createMemoryLedger(clock) };
}
