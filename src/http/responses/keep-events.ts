import { setTimeout as wait } from 'node:timers/promises';
import type { EventLog } from '../../calls/event-log.ts';
import type { Threads } from '../../conversations/threads.ts';
import { keepTrying, type Patience } from './keep-trying.ts';
import { LEASE_MS } from './lease.ts';

/** Events are kept this often. */
const KEEP_MS = 250;
/** OpenAI can replay a stream for five minutes after its end. */
const LEAST_KEPT_MS = 5 * 60_000;

/**
 * Keeps the events of a running response as they come, and the last ones at its end, so that a later reader finds them. While
 * they cannot be kept they wait, and at the end as long as a lease lasts.
 */
export async function keepEvents(
  threads: Threads,
  { owner, id, log }: { readonly owner: string; readonly id: string; readonly log: EventLog },
  expiresAt: () => number,
  { now, sleep }: Pick<Patience, 'now' | 'sleep'>,
): Promise<void> {
  let next = 0;
  const keepNew = async (): Promise<void> => {
    const events = log.from(next).map((data, at) => ({ seq: next + at, data }));
    if (events.length > 0) await threads.appendEvents(owner, id, events, expiresAt());
    next += events.length;
  };
  while (!log.isEnded()) {
    // What failed is tried again with what has come since; the last try says why.
    await keepNew().catch(() => undefined);
    await Promise.race([wait(KEEP_MS, undefined, { ref: false }), log.ended]);
  }
  const { signal } = new AbortController();
  await keepTrying(keepNew, () => false, { until: now() + LEASE_MS, signal, now, sleep });
}

/** When events of now are forgotten. @param keepMs how long a stream can be read after its end */
export function eventsExpireAt(now: number, totalMs: number, keepMs: number): number {
  return Math.round(now + totalMs + Math.max(keepMs, LEAST_KEPT_MS));
}
