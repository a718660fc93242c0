import type { UpstreamRequest } from '../dialects/dialect.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { type Delta, isMeaningful, type Usage } from '../protocol/delta.ts';
import { AttemptError, type Failure, fail } from '../protocol/failure.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import { type Exchange, runExchange } from '../upstream/exchange.ts';
import { createSpending } from './spending.ts';
import type { Target } from './target.ts';

/** No provider says so much before its first token; whoever does would fill the memory. */
const MAX_HELD = 10_000;

/** One try of a call on one target. Times in milliseconds since the epoch. */
export interface Attempt {
  /** From 1, over all targets of the call. */
  readonly number: number;
  readonly target: Target;
  /** Parameters of the client that this target cannot honour. */
  readonly dropped: readonly string[];
  readonly startedAt: number;
  firstTokenAt: number | null;
  endedAt: number | null;
  failure: Failure | null;
  /** What it cost, also when it failed or was aborted; null when it said nothing. Set when it has ended. */
  usage: Usage | null;
  /** True when the provider did not count, and `usage` is our estimate. */
  isEstimated: boolean;
}

/** An attempt at its beginning, with every field it will ever have. */
export function createAttempt(number: number, target: Target, dropped: readonly string[], startedAt: number): Attempt {
  const later = { firstTokenAt: null, endedAt: null, failure: null, usage: null, isEstimated: false };
  return { number, target, dropped, startedAt, ...later };
}

/** What an attempt needs of the world. */
/** What one attempt needs of the world and of its call. */
export interface AttemptContext {
  readonly client: UpstreamClient;
  readonly now: () => number;
  /** Aborts the call. */
  readonly signal: AbortSignal;
}

/**
 * Asks one target. The first batch comes with the first token, so that a failure before it has shown nothing. Usage
 * comes in any case, estimated where the provider does not count.
 * @throws AttemptError for a failure of the provider, the signal's reason after an abort
 */
export async function* runAttempt(
  attempt: Attempt,
  chat: ChatRequest,
  message: UpstreamRequest,
  { client, now, signal }: AttemptContext,
): AsyncGenerator<readonly Delta[], void, undefined> {
  const spending = createSpending(chat);
  const held: Delta[] = [];
  try {
    for await (const batch of runExchange(toExchange(attempt.target, chat, message, client, signal))) {
      spending.see(batch);
      if (attempt.firstTokenAt !== null) {
        yield batch;
        continue;
      }
      for (const delta of batch) held.push(delta);
      if (held.length > MAX_HELD) fail('interrupted', `The provider sent ${MAX_HELD} events without a token.`);
      // A whole answer shows nothing before it is known to be one.
      if (!chat.stream || !batch.some(isMeaningful)) continue;
      attempt.firstTokenAt = now();
      yield held;
    }
    if (attempt.firstTokenAt === null) {
      attempt.firstTokenAt = now();
      yield held;
    }
    const usage = spending.isReported ? null : spending.usage();
    if (usage !== null) yield [{ type: 'usage', usage }];
  } catch (error) {
    if (error instanceof AttemptError) attempt.failure = error.failure;
    throw error;
  } finally {
    attempt.endedAt = now();
    attempt.usage = spending.usage();
    attempt.isEstimated = attempt.usage !== null && !spending.isReported;
  }
}

function toExchange(
  { provider, facts, policy }: Target,
  chat: ChatRequest,
  message: UpstreamRequest,
  client: UpstreamClient,
  signal: AbortSignal,
): Exchange {
  const dialect = provider.chooseDialect(chat, facts);
  const apiKey = provider.apiKeys[0] ?? null;
  return { client, provider, apiKey, dialect, facts, chat, message, timeouts: policy.timeouts, signal };
}
