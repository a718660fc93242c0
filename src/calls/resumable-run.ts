import type { GatewayError } from '../protocol/errors.ts';
import { streamAnswer } from './answer.ts';
import type { TranslatedCall } from './call.ts';
import { createReaders, type ResumableStream } from './readers.ts';
import { createReplay, type Replay } from './replay.ts';
import type { CallRun } from './run-call.ts';
import type { Sink } from './sink.ts';

/** What of a stream is kept, and how long it runs and stays without a reader. */
export interface ResumeLimits {
  readonly graceMs: number;
  readonly keepMs: number;
  readonly maxBytes: number;
}

/** A call that runs beside its response, which is only the first reader of its stream. */
export interface ResumableRun {
  readonly stream: ResumableStream;
  /** Resolves when the call has ended; its error is the stream's. */
  readonly ended: Promise<void>;
}

/** @param headers of the answer; those of the first frame hold for every reader */
export function startResumable(
  run: CallRun<TranslatedCall>,
  limits: ResumeLimits,
  headers: () => Readonly<Record<string, string>>,
): ResumableRun {
  const replay = createReplay(limits.maxBytes);
  const readers = createReaders(limits.graceMs, (reason) => run.abort(reason));
  let head: Readonly<Record<string, string>> | null = null;
  const stream = { replay, readers, headers: () => head ?? headers() };
  const sink = createReplaySink(replay, () => {
    head = stream.headers();
  });
  const close = (error: GatewayError | null): void => {
    readers.end();
    replay.end(error);
    run.context.tracker.closeStream(run.call, limits.keepMs);
  };
  run.context.tracker.openStream(run.call, stream);
  return { stream, ended: streamAnswer(run, sink).then(() => close(null), close) };
}

/**
 * The sink of a resumable stream: frames are numbered and kept, and wait for the fastest reader alone.
 * @param begin called before the first frame
 */
function createReplaySink(replay: Replay, begin: () => void): Sink {
  return {
    hasBegun: () => replay.lastId() > 0,
    write(frames) {
      if (replay.lastId() === 0) begin();
      return replay.append(frames);
    },
    drained: (signal) => replay.room(signal),
    end(frames) {
      if (frames !== '') replay.append(frames);
    },
  };
}
