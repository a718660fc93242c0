import type { Call } from '../calls/call.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { CallContext } from '../routing/call-context.ts';

/** Is told what has happened: logs, metrics, the usage log. Never in the way of a call. */
export interface Observer {
  attemptBegan?(call: CallContext, attempt: Attempt): void;
  attemptEnded?(call: CallContext, attempt: Attempt): void;
  callEnded?(call: Call): void;
}

/** One observer for many; what one of them throws is reported and disturbs neither the call nor the others. */
export function fanOut(observers: readonly Observer[], reportBug: (error: unknown) => void): Required<Observer> {
  const forEach = (one: (observer: Observer) => void): void => {
    for (const observer of observers) {
      try {
        one(observer);
      } catch (error) {
        reportBug(error);
      }
    }
  };
  return {
    attemptBegan: (call, attempt) => forEach((observer) => observer.attemptBegan?.(call, attempt)),
    attemptEnded: (call, attempt) => forEach((observer) => observer.attemptEnded?.(call, attempt)),
    callEnded: (call) => forEach((observer) => observer.callEnded?.(call)),
  };
}
