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
  /** From now on this one is told; what came before anything listened is told at once. */
  listen(listener: BodyListener): void;
  pause(): void;
  resume(): void;
  /** Closes the connection, unless the body has ended; the listener is told the reason. */
  destroy(reason: Error): void;
}

/** The listener to a body. */
export interface BodyListener {
  data(bytes: Buffer): void;
  /** The last word: null when the body is whole, else why it is not. */
  end(error: Error | null): void;
}

/** Takes a request out of the queue for a connection, and ends the connecting that only it had waited for. */
export type Cancel = (reason: Error) => void;

/**
 * Takes what undici's dispatcher says of one request, and is the body of its answer. Not undici's own `request`, which
 * makes an async resource and a stream of each answer: V8's young collector does not get rid of them (29 % of all that a
 * loop of such requests allocates waits for the next full collection; so, 0.3 %).
 */
export class Receiver implements Body, Dispatcher.DispatchHandler {
  readonly #head = Promise.withResolvers<Answer>();
  #controller: Dispatcher.DispatchController | null = null;
  #listener: BodyListener | null = null;
  #early: Buffer[] = [];
  #reason: Error | null = null;
  #cancel: Cancel | null = null;
  #outcome: { readonly error: Error | null } | null = null;

  /** Rejects when there will be no head. */
  get answer(): Promise<Answer> {
    return this.#head.promise;
  }

  /** Belongs to the options of the request, as `kQueuedAbort`. */
  queued(waiting: Cancel): void {
    if (this.#reason === null) this.#cancel = waiting;
    else waiting(this.#reason);
  }

  listen(next: BodyListener): void {
    this.#listener = next;
    const waiting = this.#early;
    this.#early = [];
    for (const bytes of waiting) next.data(bytes);
    if (this.#outcome !== null) next.end(this.#outcome.error);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  destroy(why: Error): void {
    if (this.#outcome !== null) return;
    this.#reason = why;
    if (this.#controller) this.#controller.abort(why);
    else this.#cancel?.(why);
    this.#end(why);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(_controller: unknown, statusCode: number, headers: IncomingHttpHeaders): void {
    // 100 and 103 announce the head that counts.
    if (statusCode >= 200) this.#head.resolve({ statusCode, headers, body: this });
  }

  onResponseData(_controller: unknown, bytes: Buffer): void {
    if (this.#listener) this.#listener.data(bytes);
    else this.#early.push(bytes);
  }

  onResponseEnd(): void {
    this.#end(null);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end(error);
  }

  #end(error: Error | null): void {
    if (this.#outcome !== null) return;
    this.#outcome = { error };
    if (error) this.#head.reject(error);
    this.#listener?.end(error);
  }
}
