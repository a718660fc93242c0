import { GatewayError } from '../protocol/errors.ts';
import { abortCall, type Call } from './call.ts';
import type { Replay } from './replay.ts';

/** Counts who reads a call's stream; when the last one has gone, the call has its grace left, then it is aborted. */
export interface Readers {
  enter(): void;
  leave(): void;
}

/** A stream that can be taken up again. */
export interface ResumableStream {
  readonly replay: Replay;
  readonly readers: Readers;
}

export function createReaders(call: Call, graceMs: number): Readers {
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  return {
    enter() {
      count++;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
    leave() {
      count--;
      if (count > 0 || call.outcome !== 'running') return;
      const reason = new GatewayError('client_closed', `Nobody took the stream up again within ${graceMs} ms.`);
      timer = setTimeout(() => abortCall(call, reason), graceMs).unref();
    },
  };
}
