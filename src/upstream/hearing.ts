import type { Delta, Take } from '../protocol/delta.ts';
import { AttemptError } from '../protocol/failure.ts';
import type { Tally } from '../protocol/tally.ts';
import { withoutSecrets } from './discretion.ts';
import type { Exchange } from './exchange.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { Watchdog } from './watchdog.ts';

/** An error of whoever is told the answer. */
class TakeError extends Error {}

/** What guards an exchange from its beginning to its end. */
export class Hearing {
  readonly watchdog: Watchdog;
  readonly #exchange: Exchange;
  readonly #take: Take;
  readonly #tally: Tally;
  #isWhole = false;

  constructor(exchange: Exchange, take: Take) {
    this.watchdog = new Watchdog(exchange.signal);
    this.#exchange = exchange;
    this.#take = take;
    this.#tally = exchange.tally;
  }

  /** Tells what the provider said. What `take` throws says nothing about the provider. */
  tell(batch: readonly Delta[]): Promise<unknown> | undefined {
    this.#tally.see(batch);
    if (batch.length === 0) return undefined;
    try {
      return this.#take(batch)?.catch(rethrow);
    } catch (error) {
      return rethrow(error);
    }
  }

  /** A whole answer that failed may have been counted all the same. */
  count(error: unknown): void {
    if (error instanceof AttemptError && error.usage) this.#tally.see([{ type: 'usage', usage: error.usage }]);
  }

  /** The provider has ended. @throws AttemptError when its answer is not whole */
  conclude(): void {
    const failure = this.#tally.verdict(this.#exchange.chat);
    if (failure) throw new AttemptError(failure);
    this.#isWhole = true;
  }

  /**
   * The connection was lost, which ends an answer that has said all: `rest` is what is left to tell of it.
   * @throws what `reasonOf` says, when it has not
   */
  async salvage(rest: readonly Delta[], error: unknown): Promise<void> {
    const tally = this.#tally;
    const { signal, chat } = this.#exchange;
    tally.see(rest);
    // Every choice had its finish reason: what was lost with the connection is no part of the answer.
    const isComplete = tally.verdict(chat) === null && tally.choiceCount() >= (chat.n ?? 1);
    if (!isComplete || signal.aborted || error instanceof TakeError) throw this.reasonOf(error);
    await this.#take(rest);
  }

  /** True when the answer ended for want of a connection, or of patience, and not by what was said. */
  isConnectionLost(error: unknown): boolean {
    if (this.watchdog.hasEnded()) return !this.#exchange.signal.aborted;
    return !(error instanceof AttemptError || error instanceof TakeError);
  }

  /** Whoever ended the call has the first word, then what the provider itself said, then the deadline. */
  reasonOf(error: unknown): unknown {
    const { signal, provider } = this.#exchange;
    if (signal.aborted) return withoutSecrets(signal.reason, provider);
    if (error instanceof TakeError) return error.cause;
    const isOurs = error instanceof AttemptError || !this.watchdog.hasEnded();
    return withoutSecrets(isOurs ? toUpstreamFailure(error, 'interrupted') : this.watchdog.reason(), provider);
  }

  /** Whoever stops listening early closes the connection with it. */
  close(): void {
    this.watchdog.stop();
    if (!this.#isWhole) this.watchdog.abort(new Error('Nobody listens any more.'));
  }
}

function rethrow(error: unknown): never {
  throw new TakeError('Whoever is told the answer has failed.', { cause: error });
}
