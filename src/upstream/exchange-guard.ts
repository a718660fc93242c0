import type { ChatRequest } from '../protocol/chat.ts';
import type { Delta, OnBatch } from '../protocol/delta.ts';
import { AttemptError } from '../protocol/failure.ts';
import type { Tally } from '../protocol/tally.ts';
import type { Provider } from '../providers/provider.ts';
import { maskFailure } from './mask-failure.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { Watchdog } from './watchdog.ts';

/** An error of whoever is told the answer. */
class ConsumerError extends Error {}

/** What the guard needs to know of its exchange. */
export interface GuardedExchange {
  readonly provider: Provider;
  readonly chat: ChatRequest;
  /** Shown every batch before it is delivered. */
  readonly tally: Tally;
  /** Aborts the call; its reason is what is thrown. */
  readonly signal: AbortSignal;
}

/** What guards an exchange from its beginning to its end. */
export class ExchangeGuard {
  readonly watchdog: Watchdog;
  readonly #exchange: GuardedExchange;
  readonly #onBatch: OnBatch;
  readonly #tally: Tally;
  #isWhole = false;

  constructor(exchange: GuardedExchange, onBatch: OnBatch) {
    this.watchdog = new Watchdog(exchange.signal);
    this.#exchange = exchange;
    this.#onBatch = onBatch;
    this.#tally = exchange.tally;
  }

  /** Tells what the provider said. What `onBatch` throws says nothing about the provider. */
  deliver(batch: readonly Delta[]): Promise<unknown> | undefined {
    this.#tally.add(batch);
    if (batch.length === 0) return undefined;
    try {
      return this.#onBatch(batch)?.catch(rethrow);
    } catch (error) {
      return rethrow(error);
    }
  }

  /** A whole answer that failed may have been counted all the same. */
  count(error: unknown): void {
    if (error instanceof AttemptError && error.usage) this.#tally.add([{ type: 'usage', usage: error.usage }]);
  }

  /** The provider has ended. @throws AttemptError when its answer is not whole */
  finish(): void {
    const failure = this.#tally.verdict(this.#exchange.chat);
    if (failure) throw new AttemptError(failure);
    this.#isWhole = true;
  }

  /**
   * The connection was lost, which ends an answer that has said all: `rest` is what is left to tell of it.
   * @throws what `reasonOf` says, when it has not
   */
  async finishAfterDisconnect(rest: readonly Delta[], error: unknown): Promise<void> {
    const tally = this.#tally;
    const { signal, chat } = this.#exchange;
    tally.add(rest);
    // Every choice had its finish reason: what was lost with the connection is no part of the answer.
    const isComplete = tally.verdict(chat) === null && tally.choiceCount() >= (chat.n ?? 1);
    if (!isComplete || signal.aborted || error instanceof ConsumerError) throw this.reasonOf(error);
    await this.#onBatch(rest);
  }

  /** True when the answer ended for want of a connection, or of patience, and not by what was said. */
  isConnectionLost(error: unknown): boolean {
    if (this.watchdog.hasEnded()) return !this.#exchange.signal.aborted;
    return !(error instanceof AttemptError || error instanceof ConsumerError);
  }

  /** Whoever ended the call has the first word, then what the provider itself said, then the deadline. */
  reasonOf(error: unknown): unknown {
    const { signal, provider } = this.#exchange;
    if (signal.aborted) return maskFailure(signal.reason, provider);
    if (error instanceof ConsumerError) return error.cause;
    const isOurs = error instanceof AttemptError || !this.watchdog.hasEnded();
    return maskFailure(isOurs ? toUpstreamFailure(error, 'interrupted') : this.watchdog.reason(), provider);
  }

  /** Whoever stops listening early closes the connection with it. */
  close(): void {
    this.watchdog.stop();
    if (!this.#isWhole) this.watchdog.abort(new Error('Nobody listens any more.'));
  }
}

function rethrow(error: unknown): never {
  throw new ConsumerError('Whoever is told the answer has failed.', { cause: error });
}
