import { createAnswerCheck } from '../protocol/answer-check.ts';
import type { Delta, Take } from '../protocol/delta.ts';
import { AttemptError } from '../protocol/failure.ts';
import { withoutSecrets } from './discretion.ts';
import type { Exchange } from './exchange.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** What guards an exchange from its beginning to its end. */
export interface Hearing {
  readonly watchdog: Watchdog;
  /** Tells what the provider said. What `take` throws says nothing about the provider. */
  readonly tell: Take;
  /** The provider has ended. @throws AttemptError when its answer is not whole */
  conclude(): void;
  /**
   * The connection was lost, which ends an answer that has said all: `rest` is what is left to tell of it.
   * @throws what `reasonOf` says, when it has not
   */
  salvage(rest: readonly Delta[], error: unknown): Promise<void>;
  /** True when the answer ended for want of a connection, or of patience, and not by what was said. */
  isConnectionLost(error: unknown): boolean;
  /** Whoever ended the call has the first word, then what the provider itself said, then the deadline. */
  reasonOf(error: unknown): unknown;
  /** Whoever stops listening early closes the connection with it. */
  close(): void;
}

/** An error of whoever is told the answer. */
class TakeError extends Error {}

export function createHearing({ signal, provider, chat }: Exchange, take: Take): Hearing {
  const watchdog = createWatchdog(signal);
  const check = createAnswerCheck();
  let isWhole = false;

  const tell: Take = (batch) => {
    check.see(batch);
    if (batch.length === 0) return undefined;
    try {
      return take(batch)?.catch(rethrow);
    } catch (error) {
      return rethrow(error);
    }
  };
  const reasonOf = (error: unknown): unknown => {
    if (signal.aborted) return withoutSecrets(signal.reason, provider);
    if (error instanceof TakeError) return error.cause;
    const isOurs = error instanceof AttemptError || !watchdog.signal.aborted;
    return withoutSecrets(isOurs ? toUpstreamFailure(error, 'interrupted') : watchdog.signal.reason, provider);
  };
  return {
    watchdog,
    tell,
    conclude() {
      const failure = check.verdict();
      if (failure) throw new AttemptError(failure);
      isWhole = true;
    },
    async salvage(rest, error) {
      check.see(rest);
      // Every choice had its finish reason: what was lost with the connection is no part of the answer.
      const isComplete = check.verdict() === null && check.choiceCount() >= (chat.n ?? 1);
      if (!isComplete || signal.aborted || error instanceof TakeError) throw reasonOf(error);
      await take(rest);
    },
    isConnectionLost(error) {
      if (watchdog.signal.aborted) return !signal.aborted;
      return !(error instanceof AttemptError || error instanceof TakeError);
    },
    reasonOf,
    close() {
      watchdog.stop();
      if (!isWhole) watchdog.abort(null);
    },
  };
}

function rethrow(error: unknown): never {
  throw new TakeError('Whoever is told the answer has failed.', { cause: error });
}
