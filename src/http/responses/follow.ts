import type { Response } from 'express';
import type { EventLog } from '../../calls/event-log.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import { ResponseSink } from '../response-sink.ts';

/** Whose events are followed, and how. */
export interface FollowOptions {
  /** The number of the first event to be written. */
  readonly from: number;
  readonly keepaliveMs: number;
  readonly headers: () => Readonly<Record<string, string>>;
}

/** Writes the events of a running response to a client, to their end. One that leaves ends nothing but this. */
export async function followLog(
  response: Response,
  log: EventLog,
  { from, keepaliveMs, headers }: FollowOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const sink = new ResponseSink(response, keepaliveMs, headers, () => KEEPALIVE_FRAME);
  try {
    await copyEvents(log, from, sink, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    sink.stop();
  }
}

async function copyEvents(log: EventLog, from: number, sink: ResponseSink, signal: AbortSignal): Promise<void> {
  for (let next = from; ; ) {
    const events = log.from(next);
    next += events.length;
    if (events.length > 0) {
      if (!sink.write(events.join(''))) await sink.drained(signal);
    } else if (log.isEnded()) return sink.end(DONE_FRAME);
    else {
      if (log.size() > 0) sink.open();
      await log.changed(signal);
    }
  }
}
