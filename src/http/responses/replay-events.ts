import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import type { KeptResponse } from '../../conversations/records.ts';
import type { FoundResponse, Threads } from '../../conversations/threads.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import { ResponseSink } from '../response-sink.ts';
import { endingFrames, isEnding } from './replay-ending.ts';
import { toObject } from './response-object.ts';

/** A response that another process gives or gave, and what of its stream is wanted. */
export interface KeptStream {
  readonly threads: Threads;
  readonly owner: string;
  readonly id: string;
  /** The number of the first event to be written. */
  readonly from: number;
  readonly keepaliveMs: number;
  readonly now: () => number;
  readonly headers: () => Readonly<Record<string, string>>;
}

const EVENTS_AT_ONCE = 500;
/** How soon an event of another process is found. */
const POLL_MS = 250;
/** So long the last events of an answer may come after it. */
const LATE_MS = 1500;

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
    if (events.length > 0) {
      if (!sink.write(events.map(({ data }) => data).join(''))) await sink.drained(signal);
    } else if (isRunning(found.response)) await wait(POLL_MS, undefined, { signal });
    else {
      const [last] = await threads.eventsAfter(owner, id, next - 2, 1);
      const isWhole = last !== undefined && isEnding(last.data);
      if (isWhole || !isFresh(found.response, now())) return finish(found, last?.data ?? null, next, sink);
      await wait(POLL_MS, undefined, { signal });
    }
  }
}

/** An answer is kept before its last events are, so that these may still come. */
function isFresh({ completedAt }: KeptResponse, now: number): boolean {
  return completedAt !== null && now - completedAt < LATE_MS;
}

function finish(found: FoundResponse, last: string | null, next: number, sink: ResponseSink): void {
  if (next === 0) throw forgotten();
  sink.end((last === null || isEnding(last) ? '' : endingFrames(toObject(found), next)) + DONE_FRAME);
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
