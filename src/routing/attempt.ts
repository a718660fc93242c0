import type { UpstreamRequest } from '../dialects/dialect.ts';
import { createAnswerCheck } from '../protocol/answer-check.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { type Delta, isMeaningful } from '../protocol/delta.ts';
import { AttemptError, type Failure } from '../protocol/failure.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import { type Exchange, runExchange } from '../upstream/exchange.ts';
import type { Target } from './target.ts';

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
}

/** An attempt at its beginning, with every field it will ever have. */
export function createAttempt(number: number, target: Target, dropped: readonly string[], startedAt: number): Attempt {
  return { number, target, dropped, startedAt, firstTokenAt: null, endedAt: null, failure: null };
}

export interface AttemptContext {
  readonly client: UpstreamClient;
  readonly now: () => number;
  /** Aborts the call. */
  readonly signal: AbortSignal;
}

/**
 * Asks one target. The first batch comes with the first token, so that a failure before it has shown nothing;
 * an answer that ends without being whole is a failure as well.
 * @throws AttemptError for a failure of the provider, the signal's reason after an abort
 */
export async function* runAttempt(
  attempt: Attempt,
  chat: ChatRequest,
  message: UpstreamRequest,
  { client, now, signal }: AttemptContext,
): AsyncGenerator<readonly Delta[], void, undefined> {
  const check = createAnswerCheck();
  let held: readonly Delta[] = [];
  try {
    for await (const batch of runExchange(toExchange(attempt.target, chat, message, client, signal))) {
      check.see(batch);
      if (attempt.firstTokenAt === null) {
        held = held.length === 0 ? batch : [...held, ...batch];
        // A whole answer shows nothing before it is known to be one.
        if (!chat.stream || !batch.some(isMeaningful)) continue;
        attempt.firstTokenAt = now();
        yield held;
        held = [];
      } else yield batch;
    }
    const failure = check.verdict();
    if (failure) throw new AttemptError(failure);
    attempt.firstTokenAt ??= now();
    if (held.length > 0) yield held;
  } catch (error) {
    if (error instanceof AttemptError) attempt.failure = error.failure;
    throw error;
  } finally {
    attempt.endedAt = now();
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
