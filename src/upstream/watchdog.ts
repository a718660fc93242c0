import { AttemptError, toFailure } from '../protocol/failure.ts';

/** What is ended when its time is over. */
interface Guarded {
  destroy(reason: Error): void;
}

/**
 * Guards one attempt: ends its exchange when the call is aborted or a wait has become too long. It has a timer of its own
 * (undici's fire up to half a second late, and know no tokens), and no `AbortController`, which every attempt would make,
 * listen to and leave behind.
 */
export class Watchdog {
  readonly #callSignal: AbortSignal;
  readonly #onAbort = (): void => this.abort(this.#callSignal.reason);
  readonly #onTimeout = (): void => this.#look();
  #guarded: Guarded | null = null;
  #reason: Error | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waitingFor = '';
  #withinMs = -1;
  #since = 0;
  #isWaiting = false;
  #lastTimer: NodeJS.Timeout | null = null;

  /** @param callSignal aborts the whole call; its reason is passed on */
  constructor(callSignal: AbortSignal) {
    this.#callSignal = callSignal;
    if (callSignal.aborted) this.#onAbort();
    else callSignal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** True when there is nothing to wait for any more. */
  hasEnded(): boolean {
    return this.#reason !== null;
  }

  /** Why it has ended; null while it has not. */
  reason(): Error | null {
    return this.#reason;
  }

  /** From now on it ends this one with itself. */
  guard(guarded: Guarded): void {
    this.#guarded = guarded;
  }

  /** Starts, or starts again, the wait for the next sign of life. `what` names it in the failure. */
  expect(what: string, withinMs: number): void {
    this.#isWaiting = true;
    this.#waitingFor = what;
    this.#since = performance.now();
    // This runs once per network read: the timer that runs looks, when it fires, how long the silence really was.
    if (this.#timer !== null && withinMs === this.#withinMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#withinMs = withinMs;
    this.#timer = setTimeout(this.#onTimeout, withinMs);
  }

  /** The last wait: it ends so long from now, whatever is read until then, and whichever side is slow. */
  expectLast(what: string, withinMs: number): void {
    this.#lastTimer ??= setTimeout(() => this.#giveUp(what, withinMs), withinMs);
  }

  /** It was not the last one. */
  cancelLast(): void {
    if (this.#lastTimer !== null) clearTimeout(this.#lastTimer);
    this.#lastTimer = null;
  }

  /** Stops waiting for the provider: the client is slower than it. */
  pause(): void {
    this.#isWaiting = false;
  }

  /** Ends the exchange, with a reason of the caller's. */
  abort(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#guarded?.destroy(reason);
  }

  /** Releases timer and listener. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.cancelLast();
    this.#callSignal.removeEventListener('abort', this.#onAbort);
  }

  #look(): void {
    this.#timer = null;
    if (!this.#isWaiting) return;
    const leftMs = this.#withinMs - (performance.now() - this.#since);
    if (leftMs > 0) {
      this.#timer = setTimeout(this.#onTimeout, Math.ceil(leftMs));
      return;
    }
    this.#giveUp(this.#waitingFor, this.#withinMs);
  }

  #giveUp(what: string, withinMs: number): void {
    const message = `The provider sent ${what} within ${withinMs} ms.`;
    this.abort(new AttemptError(toFailure('timeout', message)));
  }
}
