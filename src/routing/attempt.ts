import type { UpstreamRequest } from '../languages/dialect.ts';
import { type Batch, batchOf, type Delta, type OnBatch, type Usage } from '../protocol/delta.ts';
import { estimateUsage } from '../protocol/estimate.ts';
import { AttemptError, type Failure, fail } from '../protocol/failure.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { Tally } from '../protocol/tally.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import { type Exchange, runExchange } from '../upstream/exchange.ts';
import type { RescueWay } from './rescue.ts';
import type { Target } from './target.ts';

/** No provider says so much before its first token; one that does would fill the memory. */
const MAX_HELD = 10_000;

/** One try of a call on one target. Times in milliseconds since the epoch. */
export interface Attempt {
  /** From 1, over all targets of the call. */
  readonly number: number;
  readonly target: Target;
  /** Which of the provider's keys, from 1; null where it has none. */
  readonly keyNumber: number | null;
  /** Asked beside another attempt that was late. */
  readonly isHedge: boolean;
  /** How it takes up an answer that broke off; null where nothing had been said. */
  readonly rescue: RescueWay | null;
  /** Parameters of the client that this target cannot honour. */
  readonly dropped: readonly string[];
  readonly startedAt: number;
  firstTokenAt: number | null;
  endedAt: number | null;
  failure: Failure | null;
  /** When this target is asked again after the failure; null where it is not. */
  retryAt: number | null;
  /** It was stopped, with its call or because another attempt was faster. */
  isAborted: boolean;
  /** What it cost, also when it failed or was aborted; null when it said nothing. Set when it has ended. */
  usage: Usage | null;
  /** True when the provider did not count, and `usage` is our estimate. */
  isEstimated: boolean;
  /** USD that it counts for where its answer does not tell what it cost; null where it counts for nothing then. */
  presumedUsd: number | null;
}

/** How an attempt came about, where there is something to say. */
type AttemptOrigin = Partial<Pick<Attempt, 'keyNumber' | 'isHedge' | 'rescue'>>;

/** An attempt at its beginning, with every field it will ever have. */
export function createAttempt(
  number: number,
  target: Target,
  dropped: readonly string[],
  startedAt: number,
  { keyNumber = null, isHedge = false, rescue = null }: AttemptOrigin = {},
): Attempt {
  return {
    number,
    target,
    keyNumber,
    isHedge,
    rescue,
    dropped,
    startedAt,
    firstTokenAt: null,
    endedAt: null,
    failure: null,
    retryAt: null,
    isAborted: false,
    usage: null,
    isEstimated: false,
    presumedUsd: null,
  };
}

/** What one attempt needs of the world and of its call. */
export interface AttemptContext {
  readonly client: UpstreamClient;
  readonly now: () => number;
  readonly apiKey: string | null;
  /** Aborts the attempt. */
  readonly signal: AbortSignal;
  /** Told when the record is complete. */
  ended(attempt: Attempt): void;
}

/**
 * Asks one target. The first batch comes with the first token, so that a failure before it has shown nothing. Usage
 * comes in any case, estimated where the provider does not count.
 * @throws AttemptError for a failure of the provider, the signal's reason after an abort, whatever `onBatch` throws
 */
export async function runAttempt(
  attempt: Attempt,
  request: ModelRequest,
  message: UpstreamRequest,
  { client, now, apiKey, signal, ended }: AttemptContext,
  onBatch: OnBatch,
): Promise<void> {
  const tally = new Tally();
  const held = new HeldBatches();
  const wasSent = !signal.aborted;
  let hasBegun = false;
  const begin = (): Promise<unknown> | undefined => {
    hasBegun = true;
    attempt.firstTokenAt = now();
    return onBatch(held.release());
  };
  const holdUntilFirstToken: OnBatch = (batch) => {
    if (hasBegun) return onBatch(batch);
    held.add(batch);
    if (held.size() > MAX_HELD) fail('interrupted', `The provider sent ${MAX_HELD} events without a token.`);
    // A whole answer shows nothing before it is known to be one.
    return request.isStream && tally.hasContent() ? begin() : undefined;
  };
  try {
    await runExchange(
      toExchange(attempt.target, { client, apiKey, request, message, signal, tally, now }),
      holdUntilFirstToken,
    );
    // Hardly ever is there something to wait for, and waiting for nothing is a turn as well.
    const full = hasBegun ? undefined : begin();
    if (full) await full;
    const usage = tally.isReported() ? null : tally.usage(request);
    if (usage !== null) await onBatch(batchOf([{ type: 'usage', usage }]));
  } catch (error) {
    if (error instanceof AttemptError) attempt.failure = error.failure;
    throw error;
  } finally {
    attempt.endedAt = now();
    attempt.isAborted = signal.aborted;
    attempt.usage = tally.usage(request) ?? (isCutShort(attempt, wasSent) ? estimateUsage(request, 0) : null);
    attempt.isEstimated = attempt.usage !== null && !tally.isReported();
    ended(attempt);
  }
}

/** Who was stopped before a word, by its client, its deadline or a race, was at work on the prompt, and that is billed. */
function isCutShort({ isAborted, failure }: Attempt, wasSent: boolean): boolean {
  return wasSent && (isAborted || failure?.kind === 'timeout');
}

/** What came before the first token, as one batch. */
class HeldBatches {
  readonly #deltas: Delta[] = [];
  readonly #native: string[] = [];
  #isNative = false;

  add({ deltas, native }: Batch): void {
    for (const delta of deltas) this.#deltas.push(delta);
    if (native === null) return;
    this.#isNative = true;
    for (const event of native) this.#native.push(event);
  }

  size(): number {
    return this.#deltas.length + this.#native.length;
  }

  release(): Batch {
    return { deltas: this.#deltas, native: this.#isNative ? this.#native : null };
  }
}

type Sent = Pick<Exchange, 'client' | 'apiKey' | 'request' | 'message' | 'signal' | 'tally' | 'now'>;

function toExchange({ provider, facts, policy }: Target, sent: Sent): Exchange {
  return { ...sent, provider, facts, dialect: provider.chooseDialect(sent.request, facts), timeouts: policy.timeouts };
}
