import type { Response } from 'express';
import type { ResumableStream } from '../calls/readers.ts';
import type { Follower, Replay } from '../calls/replay.ts';
import { GatewayError } from '../protocol/errors.ts';
import { KEEPALIVE_FRAME, toErrorFrame } from '../protocol/sse.ts';
import { ResponseSink } from './response-sink.ts';

/**
 * Writes the frames after `lastId` to a response, then follows the stream to its end. The fastest reader holds the
 * provider back; another one that falls behind what is kept is told so.
 * @throws GatewayError 410 `stream_expired` before anything was written, or the error the stream began with
 */
export async function followReplay(
  response: Response,
  { replay, readers, headers }: ResumableStream,
  lastId: number,
  keepaliveMs: number,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const sink = new ResponseSink(response, keepaliveMs, headers, () => KEEPALIVE_FRAME);
  const follower = replay.follow(lastId);
  readers.enter();
  try {
    await copyFrames(replay, follower, sink, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!sink.hasBegun()) response.set(headers());
    if (!(error instanceof GatewayError) || !sink.hasBegun()) throw error;
    sink.end(toErrorFrame(error.toBody()));
  } finally {
    follower.leave();
    readers.leave();
    sink.stop();
  }
}

async function copyFrames(replay: Replay, follower: Follower, sink: ResponseSink, signal: AbortSignal): Promise<void> {
  for (;;) {
    const slice = follower.next();
    if (slice === null) throw new GatewayError('stream_expired', 'What comes next in this stream is no longer kept.');
    if (slice.text !== '') {
      if (!sink.write(slice.text)) await sink.drained(signal);
    } else if (!replay.isEnded()) {
      // A reader that has events already need not wait for the next one to know that it goes on.
      if (slice.lastId > 0) sink.open();
      await replay.changed(signal);
    } else {
      const error = replay.error();
      if (error) throw error;
      return sink.end('');
    }
  }
}
