import type { Response } from 'express';
import type { Sink } from '../calls/sink.ts';
import { BodyWriter } from './body-writer.ts';

/** A response as the sink of a stream. The head waits for the first frames, or for the first keepalive comment. */
export class ResponseSink implements Sink {
  readonly #response: Response;
  readonly #body: BodyWriter;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #heartbeat: () => string;
  readonly #timer: NodeJS.Timeout;
  // Noted instead of restarting the timer with each write: a pause in mid-stream may last up to twice as long.
  #hasSpoken = false;
  #hasHead = false;

  /**
   * @param headers headers of the head, asked for when it is sent
   * @param heartbeat frames for a connection on which nothing was said for a while
   */
  constructor(
    response: Response,
    keepaliveMs: number,
    headers: () => Readonly<Record<string, string>>,
    heartbeat: () => string,
  ) {
    this.#response = response;
    this.#body = new BodyWriter(response);
    this.#headers = headers;
    this.#heartbeat = heartbeat;
    this.#timer = setTimeout(() => this.#keepAlive(), keepaliveMs);
  }

  hasBegun(): boolean {
    return this.#hasHead;
  }

  write(frames: string): boolean {
    this.#writeHead();
    this.#hasSpoken = true;
    return this.#body.write(frames);
  }

  /** Sends the head, when it is certain that no error can take its place. */
  open(): void {
    this.#writeHead();
    this.#response.flushHeaders();
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#body.drained(signal);
  }

  end(frames: string): void {
    this.#writeHead();
    this.#response.end(frames);
  }

  /** Releases the timer. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #writeHead(): void {
    if (this.#hasHead) return;
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...this.#headers(),
    });
    this.#hasHead = true;
  }

  #keepAlive(): void {
    this.#writeHead();
    // A client that does not read needs no sign of life, and must not pile them up.
    if (!this.#hasSpoken && !this.#body.isFull()) this.#body.write(this.#heartbeat());
    this.#hasSpoken = false;
    this.#timer.refresh();
  }
}
