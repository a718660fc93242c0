import type { Response } from 'express';
import type { EventLog } from '../../calls/event-log.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import { ResponseSink } from '../response-sink.ts';
import type { RunningResponse } from './running.ts';

/** Whose events are followed, and how. */
export interface FollowOptions {
  /** The number of the first event to be written. */
  readonly from: number;
  readonly keepaliveMs: number;
  readonly headers: () => Readonly<Record<string, string>>;
}

/**
 * Writes the events of a running response to a client, to their end. One that leaves ends nothing but this.
 * @throws GatewayError where it failed before there was an event
 */
export async function followRunning(
  response: Response,
  running: Pick<RunningResponse, 'log' | 'writer' | 'ended'>,
  { from, keepaliveMs, headers }: FollowOptions,
): Promise<void> {
  const { log } = running;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const sink = new ResponseSink(response, keepaliveMs, headers, () => signOfLife(running));
  try {
    await copyEvents(log, from, sink, gone.signal);
    if (log.size() === 0) await running.ended;
    sink.end(DONE_FRAME);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    sink.stop();
  }
}

/** With the head the response gets its first events: from then on its failure is an event as well. All readers get the same ones. */
function signOfLife({ log, writer }: Pick<RunningResponse, 'log' | 'writer'>): string {
  const frames = log.isEnded() ? KEEPALIVE_FRAME : writer.heartbeat();
  if (frames !== KEEPALIVE_FRAME) log.append(frames);
  return KEEPALIVE_FRAME;
}

async function copyEvents(log: EventLog, from: number, sink: ResponseSink, signal: AbortSignal): Promise<void> {
  for (let next = from; ; ) {
    const events = log.from(next);
    next += events.length;
    if (events.length > 0) {
      if (!sink.write(events.join(''))) await sink.drained(signal);
    } else if (log.isEnded()) return;
    else {
      if (log.size() > 0) sink.open();
      await log.changed(signal);
    }
  }
}
