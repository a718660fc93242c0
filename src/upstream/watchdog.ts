import { AttemptError, toFailure } from '../protocol/failure.ts';

/** Guards one attempt: a signal that fires when the call is aborted or a wait has become too long. */
export interface Watchdog {
  readonly signal: AbortSignal;
  /** Starts, or starts again, the wait for the next sign of life. `what` names it in the failure. */
  expect(what: string, withinMs: number): void;
  /** Nobody waits: whoever reads the answer is slower than the provider. */
  pause(): void;
  /** Aborts with a reason of the caller's. */
  abort(reason: unknown): void;
  /** Releases timer and listener. */
  stop(): void;
}

/** @param callSignal aborts the whole call; its reason is passed on */
export function createWatchdog(callSignal: AbortSignal): Watchdog {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(callSignal.reason);
  if (callSignal.aborted) onAbort();
  else callSignal.addEventListener('abort', onAbort, { once: true });
  let timer: NodeJS.Timeout | null = null;
  let waitingFor = '';
  let withinMs = -1;
  let since = 0;
  let isWaiting = false;
  const onTimeout = (): void => {
    timer = null;
    if (!isWaiting) return;
    const leftMs = withinMs - (performance.now() - since);
    if (leftMs > 0) {
      timer = setTimeout(onTimeout, Math.ceil(leftMs));
      return;
    }
    const message = `The provider sent ${waitingFor} within ${withinMs} ms.`;
    controller.abort(new AttemptError(toFailure('timeout', message)));
  };
  return {
    signal: controller.signal,
    expect(what, ms) {
      isWaiting = true;
      waitingFor = what;
      since = performance.now();
      // This runs once per network read: the timer that runs looks, when it fires, how long the silence really was.
      if (timer !== null && ms === withinMs) return;
      if (timer !== null) clearTimeout(timer);
      withinMs = ms;
      timer = setTimeout(onTimeout, ms);
    },
    pause() {
      isWaiting = false;
    },
    abort: (reason) => controller.abort(reason),
    stop() {
      if (timer !== null) clearTimeout(timer);
      callSignal.removeEventListener('abort', onAbort);
    },
  };
}
