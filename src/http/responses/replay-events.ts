import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import type { KeptResponse } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import { ResponseSink } from '../response-sink.ts';
import { endingFrames, isEnding } from './replay-ending.ts';
import { toObject } from './stored-object.ts';

/** A response that another process gives or gave, and what of its stream is wanted. */
export interface KeptStream {
  readonly threads: Threads;
  readonly owner: string;
  readonly id: string;
  /** The number of the first event to be written. */
  readonly from: number;
  readonly keepaliveMs: number;
  readonly headers: () => Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const EVENTS_AT_ONCE = 500;
/** How soon an event of another process is found. */
const POLL_MS = 250;
/** A process that was told elsewhere to stop has written its last events by then. */
const LAST_EVENTS_MS = 3000;

/**
 * Writes the events that were kept of a response, and where it still runs those that come.
 * @throws GatewayError 400 where it has no stream, or not any more; 404
 */
export async function replayEvents(response: Response, stream: KeptStream): Promise<void> {
  const { threads, owner, id, keepaliveMs, headers } = stream;
  refuseUnstreamed((await threads.response(owner, id)).response);
  if (stream.from > 0) await refuseForgotten(stream);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const sink = new ResponseSink(response, keepaliveMs, headers, () => KEEPALIVE_FRAME);
  try {
    await copyKept(stream, sink, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    sink.stop();
  }
}

async function copyKept(stream: KeptStream, sink: ResponseSink, signal: AbortSignal): Promise<void> {
  const { threads, owner, id, from, now } = stream;
  for (let next = from; ; ) {
    const found = await threads.response(owner, id);
    const events = await threads.eventsAfter(owner, id, next - 1, EVENTS_AT_ONCE);
    next += events.length;
    if (next === 0 && !isRunning(found.response)) throw forgotten();
    if (events.length > 0) {
      if (!sink.write(events.map(({ data }) => data).join(''))) await sink.drained(signal);
      continue;
    }
    const last = await threads.lastEvent(owner, id);
    if (last !== null && isEnding(last.data)) return sink.end(DONE_FRAME);
    const endedAt = isRunning(found.response) ? null : (found.response.completedAt ?? 0);
    if (endedAt !== null && now() - endedAt > LAST_EVENTS_MS) {
      const number = (last?.seq ?? -1) + 1;
      return sink.end(endingFrames(toObject(found), number, Math.max(next, number)) + DONE_FRAME);
    }
    await wait(POLL_MS, undefined, { signal });
  }
}

function isRunning({ status }: KeptResponse): boolean {
  return status === 'queued' || status === 'in_progress';
}

function refuseUnstreamed({ isStreamed, isBackground }: KeptResponse): void {
  if (isStreamed) return;
  const how = isBackground ? "without 'stream'" : 'in the foreground';
  const message = `This response cannot be streamed: it was made ${how}. Ask for it without 'stream'.`;
  throw new GatewayError('invalid_request_error', message, { param: 'stream' });
}

async function refuseForgotten({ threads, owner, id }: KeptStream): Promise<void> {
  if ((await threads.eventsAfter(owner, id, -1, 1)).length === 0) throw forgotten();
}

function forgotten(): GatewayError {
  const message =
    "This response can no longer be streamed because it is more than 5 minutes old. Ask for it without 'stream'.";
  return new GatewayError('invalid_request_error', message, { param: 'stream' });
}
