import { type Batch, batchOf, type OnBatch } from '../protocol/delta.ts';
import { AttemptError } from '../protocol/failure.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Tally } from '../protocol/tally.ts';
import type { Provider } from '../providers/provider.ts';
import { type BreakOff, endingOf, isConnectionLost } from './ending.ts';
import { maskFailure } from './mask-failure.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { Watchdog } from './watchdog.ts';

/** An error of the consumer: of what `onBatch` does with the answer. */
class ConsumerError extends Error {}

/** What the guard needs to know of its exchange. */
export interface GuardedExchange {
  readonly provider: Provider;
  readonly request: ModelRequest;
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

  /** Hands on what the provider said. What `onBatch` throws says nothing about the provider. */
  deliver(batch: Batch): Promise<unknown> | undefined {
    this.#tally.add(batch.deltas);
    if (batch.deltas.length === 0 && batch.native === null) return undefined;
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
    const failure = this.#tally.verdict(this.#exchange.request);
    if (failure) throw new AttemptError(failure);
    this.#isWhole = true;
  }

  /**
   * The exchange was broken off by an error. An answer that has said all is whole all the same: `lost` gives what is left
   * of it when the connection went.
   * @throws what `reasonOf` says, when it is not whole
   */
  async finishAfterError(error: unknown, lost: () => Batch): Promise<void> {
    const facts = this.#factsOf(error);
    const rest = isConnectionLost(facts) ? lost() : batchOf([]);
    this.#tally.add(rest.deltas);
    if (endingOf({ ...facts, isComplete: this.#isComplete() }) !== 'whole') throw this.reasonOf(error);
    await this.#onBatch(rest);
  }

  /** Why an answer that is not whole ended: an AttemptError, the reason of the abort, or what the consumer threw. */
  reasonOf(error: unknown): unknown {
    const { signal, provider } = this.#exchange;
    switch (endingOf({ ...this.#factsOf(error), isComplete: false })) {
      case 'abort':
        return maskFailure(signal.reason, provider);
      case 'consumer':
        return (error as ConsumerError).cause;
      case 'timeout':
        return maskFailure(this.watchdog.reason(), provider);
      default:
        return maskFailure(toUpstreamFailure(error, 'interrupted'), provider);
    }
  }

  /** Closes the connection of an answer that is not whole: its rest has no reader. */
  close(): void {
    this.watchdog.stop();
    if (!this.#isWhole) this.watchdog.abort(new Error('The answer is not read any more.'));
  }

  #factsOf(error: unknown): BreakOff {
    return {
      isAborted: this.#exchange.signal.aborted,
      isConsumerError: error instanceof ConsumerError,
      isFailure: error instanceof AttemptError,
      isTimedOut: this.watchdog.hasEnded(),
    };
  }

  /** Every choice had its finish reason: what was lost with the connection is no part of the answer. */
  #isComplete(): boolean {
    const { request } = this.#exchange;
    return this.#tally.verdict(request) === null && this.#tally.choiceCount() >= request.choiceCount;
  }
}

function rethrow(error: unknown): never {
  throw new ConsumerError('The consumer of the answer has failed.', { cause: error });
}
