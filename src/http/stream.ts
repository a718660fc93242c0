import type { Response } from 'express';
import type { ChatCall } from '../calls/call.ts';
import type { Delta, OnBatch } from '../protocol/delta.ts';
import { Envelope, type Identity } from '../protocol/envelope.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { KEEPALIVE_FRAME, toErrorFrame } from '../protocol/sse.ts';
import { BodyWriter } from './body-writer.ts';

/** Where the frames of a stream go: a response, or a buffer that several responses follow. */
export interface Sink {
  /** True once something can no longer be taken back: then an error is an event, and no status. */
  hasBegun(): boolean;
  /** False when it takes no more for now: then wait for `drained`. */
  write(frames: string): boolean;
  drained(signal: AbortSignal): Promise<unknown>;
  end(frames: string): void;
}

/** What writing a stream needs to know of its call. */
export interface StreamOptions {
  /** Is shown every batch before it is written. */
  see(batch: readonly Delta[]): void;
  identity(): Identity;
  /** What an error that ends the stream becomes. */
  toError(error: unknown): GatewayError;
}

/**
 * Turns a call's answer into server-sent events, one string per batch. An error before the first of them is thrown
 * for its status, one after it becomes the last event and is thrown as well.
 * @param answer gives the answer to whoever takes it
 */
export async function pumpStream(
  call: ChatCall,
  answer: (onBatch: OnBatch) => Promise<void>,
  sink: Sink,
  options: StreamOptions,
): Promise<void> {
  let envelope: Envelope | null = null;
  const onBatch: OnBatch = (batch) => {
    // Only with the first batch is it known which model answers.
    envelope ??= new Envelope(options.identity(), call.chat.stream_options?.include_usage === true);
    options.see(batch);
    const frames = envelope.push(batch);
    return frames === '' || sink.write(frames) ? undefined : sink.drained(call.controller.signal);
  };
  const end = (): void => {
    if (envelope) sink.end(envelope.end());
  };
  try {
    await answer(onBatch);
    end();
  } catch (error) {
    if (sink.hasBegun()) sink.end(toErrorFrame(options.toError(error).toBody()));
    throw error;
  }
}

/** A response as the sink of a stream. The head waits for the first frames, or for the first keepalive comment. */
export class ResponseSink implements Sink {
  readonly #response: Response;
  readonly #body: BodyWriter;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #timer: NodeJS.Timeout;
  // Noted instead of restarting the timer with each write: a pause in mid-stream may last up to twice as long.
  #hasSpoken = false;
  #hasHead = false;

  /** @param headers headers of the head, asked for when it is sent */
  constructor(response: Response, keepaliveMs: number, headers: () => Readonly<Record<string, string>>) {
    this.#response = response;
    this.#body = new BodyWriter(response);
    this.#headers = headers;
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
    if (!this.#hasSpoken && !this.#body.isFull()) this.#body.write(KEEPALIVE_FRAME);
    this.#hasSpoken = false;
    this.#timer.refresh();
  }
}
