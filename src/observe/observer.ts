import type { Call } from '../calls/call.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Course } from '../routing/execute.ts';

/** Is told what has happened: logs, metrics, the usage log. Never in the way of a call. */
export interface Observer {
  attemptBegan?(course: Course, attempt: Attempt): void;
  attemptEnded?(course: Course, attempt: Attempt): void;
  callEnded?(call: Call): void;
}

/** One observer for many; what one of them throws is reported and disturbs neither the call nor the others. */
export function fanOut(observers: readonly Observer[], reportBug: (error: unknown) => void): Required<Observer> {
  const tell = (one: (observer: Observer) => void): void => {
    for (const observer of observers) {
      try {
        one(observer);
      } catch (error) {
        reportBug(error);
      }
    }
  };
  return {
    attemptBegan: (course, attempt) => tell((observer) => observer.attemptBegan?.(course, attempt)),
    attemptEnded: (course, attempt) => tell((observer) => observer.attemptEnded?.(course, attempt)),
    callEnded: (call) => tell((observer) => observer.callEnded?.(call)),
  };
}
