import { once } from 'node:events';
import type { Response } from 'express';
import type { Call } from '../calls/call.ts';
import type { Delta } from '../protocol/delta.ts';
import { createEnvelope, type Envelope, type Identity } from '../protocol/envelope.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { KEEPALIVE_FRAME, toErrorFrame } from '../protocol/sse.ts';

export interface StreamOptions {
  /** Is shown every batch before it is written. */
  see(batch: readonly Delta[]): void;
  readonly keepaliveMs: number;
  identity(): Identity;
  /** Headers of the head, asked for when it is sent. */
  headers(): Readonly<Record<string, string>>;
  /** What an error that ends the stream becomes. */
  toError(error: unknown): GatewayError;
}

/**
 * Writes a call's answer as server-sent events, one string per batch. The head waits for the first token, or for
 * the first keepalive; an error before it is thrown, and one after it becomes the last event.
 */
export async function writeStream(
  response: Response,
  call: Call,
  batches: AsyncIterable<readonly Delta[]>,
  options: StreamOptions,
): Promise<void> {
  const writer = createWriter(response, options);
  const { signal } = call.controller;
  try {
    let envelope: Envelope | null = null;
    for await (const batch of batches) {
      // Only with the first batch is it known which model answers.
      envelope ??= createEnvelope(options.identity(), call.chat.stream_options?.include_usage === true);
      options.see(batch);
      const frames = envelope.push(batch);
      if (frames !== '' && !writer.write(frames)) await once(response, 'drain', { signal });
    }
    if (envelope) writer.end(envelope.end());
  } catch (error) {
    if (!response.headersSent) throw error;
    writer.end(toErrorFrame(options.toError(signal.aborted ? signal.reason : error).toBody()));
    throw error;
  } finally {
    writer.stop();
  }
}

interface Writer {
  /** False when the client reads slower than the provider speaks. */
  write(frames: string): boolean;
  end(frames: string): void;
  stop(): void;
}

function createWriter(response: Response, { keepaliveMs, headers }: StreamOptions): Writer {
  const head = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...headers(),
    });
  };
  const timer = setTimeout(() => {
    head();
    // A client that does not read needs no sign of life, and must not pile them up.
    if (!response.writableNeedDrain) response.write(KEEPALIVE_FRAME);
    timer.refresh();
  }, keepaliveMs);
  return {
    write(frames) {
      head();
      timer.refresh();
      return response.write(frames);
    },
    end(frames) {
      head();
      response.end(frames);
    },
    stop: () => clearTimeout(timer),
  };
}
