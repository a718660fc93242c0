import { setTimeout as wait } from 'node:timers/promises';
import type { ThreadStore } from '../../conversations/store.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { endedAs } from './ended-as.ts';
import { LEASE_MS } from './lease.ts';
import { ProgressKeeper } from './progress.ts';
import type { RunningResponses } from './running.ts';

/** Leases are renewed, and those of processes that have gone are found, this often. */
const EVERY_MS = 2000;
/** What has expired is erased in pieces, so that nothing else waits long. */
const PURGED_AT_ONCE = 200;
const PURGE_EVERY_MS = 60_000;
const ABANDONED_AT_ONCE = 100;

/** What upkeep needs of the rest of the house. */
export interface UpkeepContext {
  readonly store: ThreadStore;
  readonly running: RunningResponses;
  readonly worker: string;
  readonly now: () => number;
  /** How long a conversation is kept after its last turn; null for ever. */
  readonly conversationKeepMs: () => number | null;
  /** Told once of what does not work, and with null that it works again. */
  failed(error: unknown): void;
}

/** Keeps the leases of what runs here and what it has said, ends what other processes left, and erases what has expired. @returns what stops it */
export function startUpkeep(context: UpkeepContext): () => Promise<void> {
  const stopped = new AbortController();
  const done = run(context, stopped.signal);
  return () => {
    stopped.abort();
    return done;
  };
}

async function run(context: UpkeepContext, signal: AbortSignal): Promise<void> {
  const progress = new ProgressKeeper();
  let isFailing = false;
  for (let nextPurge = 0; !signal.aborted; ) {
    try {
      await renew(context);
      await reap(context);
      await progress.keep(context.store, context.running.all());
      if (context.now() >= nextPurge) {
        const hasMore = await purge(context);
        nextPurge = hasMore ? 0 : context.now() + PURGE_EVERY_MS;
      }
      if (isFailing) context.failed(null);
      isFailing = false;
    } catch (error) {
      if (!isFailing) context.failed(error);
      isFailing = true;
    }
    await wait(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** A response whose lease cannot be renewed any more was ended elsewhere: it is cancelled here as well. */
async function renew({ store, running, worker, now }: UpkeepContext): Promise<void> {
  const mine = running.all();
  if (mine.length === 0) return;
  const ids = mine.map(({ id }) => id);
  const kept = new Set(await store.renew(worker, ids, Math.round(now()) + LEASE_MS));
  for (const response of mine) {
    if (!kept.has(response.id)) response.abort(new GatewayError('request_cancelled', 'The response was cancelled.'));
  }
}

async function reap({ store, now }: UpkeepContext): Promise<void> {
  for (const response of await store.abandoned(Math.round(now()), ABANDONED_AT_ONCE)) {
    await endedAs('failed', { response }, store, now());
  }
}

function purge({ store, now, conversationKeepMs }: UpkeepContext): Promise<boolean> {
  const at = Math.round(now());
  const keepMs = conversationKeepMs();
  return store.purge(at, PURGED_AT_ONCE, keepMs === null ? null : at - keepMs);
}
