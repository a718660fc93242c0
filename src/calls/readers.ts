import { GatewayError } from '../protocol/errors.ts';
import type { Replay } from './replay.ts';

/** Counts who reads a call's stream; when the last one has gone, the call has its grace left. */
export interface Readers {
  enter(): void;
  leave(): void;
  /** The call is over: no reader has to be waited for any more. */
  end(): void;
}

/** A stream that can be taken up again. */
export interface ResumableStream {
  readonly replay: Replay;
  readonly readers: Readers;
  /** The headers of the call's answer: the same for every reader that takes it up. */
  headers(): Readonly<Record<string, string>>;
}

/** @param abandon aborts the call; called when the grace is over and no reader came back */
export function createReaders(graceMs: number, abandon: (reason: GatewayError) => void): Readers {
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  // Let go at the end, because the call behind it holds what was asked, and ended streams are kept for a while.
  let onGraceOver: typeof abandon | null = abandon;
  const stopTimer = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    enter() {
      count++;
      stopTimer();
    },
    leave() {
      count--;
      if (count > 0 || onGraceOver === null) return;
      const reason = new GatewayError('client_closed', `Nobody took the stream up again within ${graceMs} ms.`);
      timer = setTimeout(() => onGraceOver?.(reason), graceMs).unref();
    },
    end() {
      stopTimer();
      onGraceOver = null;
    },
  };
}
