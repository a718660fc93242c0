import { randomUUID } from 'node:crypto';
import { createGovernance } from '../limits/governance.ts';
import { createSpendBook, type SpendBook } from '../usage/spend-book.ts';
import type { UsageStore } from '../usage/store.ts';

/** This process writes no records. */
const NOTHING_WAITS = {
  alone: <T>(work: () => Promise<T>): Promise<T> => work(),
  bookings: () => [],
  doubtful: null,
};

/**
 * What keys have spent, as a database has it: without what a gateway has still to write, half a second of calls.
 * @param now milliseconds since the epoch
 */
export function createKeptSpend(store: UsageStore, now: () => number): Pick<SpendBook, 'read' | 'reset'> {
  return createSpendBook(store, NOTHING_WAITS, {
    ...createGovernance(now),
    now,
    newId: () => randomUUID().replaceAll('-', ''),
    isLogged: false,
    // What goes wrong is told by the command itself.
    failed: () => undefined,
  });
}
