import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** An answer whose head is there. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

/** A body as it comes. */
export interface Body {
  /** From now on this one is told; whatever came before nobody listened is told at once. */
  listen(listener: BodyListener): void;
  pause(): void;
  resume(): void;
  /** Closes the connection, unless the body has ended; the listener is told the reason. */
  destroy(reason: Error): void;
}

/** Whoever reads a body. */
export interface BodyListener {
  data(bytes: Buffer): void;
  /** The last word: null when the body is whole, else why it is not. */
  end(error: Error | null): void;
}

/** Takes what undici's dispatcher says of one request. */
export interface Receiver {
  readonly handler: Dispatcher.DispatchHandler;
  /** Belongs to the options of the request, as `kQueuedAbort`. */
  queued(cancel: Cancel): void;
  /** Rejects when there will be no head. */
  readonly answer: Promise<Answer>;
  /** Closes the connection, if the request has one, and is not over. */
  abort(reason: Error): void;
}

/** Takes a request out of the queue for a connection, and ends the connecting that only it had waited for. */
type Cancel = (reason: Error) => void;

/**
 * Not undici's own `request`, which makes an async resource and a stream of each answer: V8's young collector does not
 * get rid of them (29 % of all that a loop of such requests allocates waits for the next full collection; so, 0.3 %).
 */
export function createReceiver(): Receiver {
  const head = Promise.withResolvers<Answer>();
  let controller: Dispatcher.DispatchController | null = null;
  let listener: BodyListener | null = null;
  let early: Buffer[] = [];
  let reason: Error | null = null;
  let cancel: Cancel | null = null;
  let outcome: { readonly error: Error | null } | null = null;

  const end = (error: Error | null): void => {
    if (outcome !== null) return;
    outcome = { error };
    if (error) head.reject(error);
    listener?.end(error);
  };
  const abort = (why: Error): void => {
    if (outcome !== null) return;
    reason = why;
    if (controller) controller.abort(why);
    else cancel?.(why);
    end(why);
  };
  const body: Body = {
    listen(next) {
      listener = next;
      const waiting = early;
      early = [];
      for (const bytes of waiting) next.data(bytes);
      if (outcome !== null) next.end(outcome.error);
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
    destroy: abort,
  };
  return {
    answer: head.promise,
    abort,
    queued(waiting) {
      if (reason === null) cancel = waiting;
      else waiting(reason);
    },
    handler: {
      onRequestStart(started) {
        controller = started;
      },
      onResponseStart(_controller, statusCode, headers) {
        // 100 and 103 announce the head that counts.
        if (statusCode >= 200) head.resolve({ statusCode, headers, body });
      },
      onResponseData(_controller, bytes) {
        if (listener) listener.data(bytes);
        else early.push(bytes);
      },
      onResponseEnd: () => end(null),
      onResponseError: (_controller, error) => end(error),
    },
  };
}
