import { AttemptError, toFailure } from '../protocol/failure.ts';

/** Guards one attempt: a signal that fires when the call is aborted or a wait has become too long. */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #callSignal: AbortSignal;
  readonly #onAbort = (): void => this.#controller.abort(this.#callSignal.reason);
  readonly #onTimeout = (): void => this.#look();
  #timer: NodeJS.Timeout | null = null;
  #waitingFor = '';
  #withinMs = -1;
  #since = 0;
  #isWaiting = false;

  /** @param callSignal aborts the whole call; its reason is passed on */
  constructor(callSignal: AbortSignal) {
    this.#callSignal = callSignal;
    if (callSignal.aborted) this.#onAbort();
    else callSignal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
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

  /** Nobody waits: whoever reads the answer is slower than the provider. */
  pause(): void {
    this.#isWaiting = false;
  }

  /** Aborts with a reason of the caller's. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Releases timer and listener. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
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
    const message = `The provider sent ${this.#waitingFor} within ${this.#withinMs} ms.`;
    this.#controller.abort(new AttemptError(toFailure('timeout', message)));
  }
}
