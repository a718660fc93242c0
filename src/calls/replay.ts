import { EventEmitter } from 'node:events';
import type { GatewayError } from '../protocol/errors.ts';

/** How much a reader is given at once: a slow one then holds no more than this beside the buffer. */
const SLICE_CHARS = 64 * 1024;

/** Some frames, and the number of the last one. */
export interface Slice {
  readonly text: string;
  readonly lastId: number;
}

/**
 * The numbered frames of one resumable stream, for any number of readers. Bounded: the oldest give way, but never
 * those of the newest batch, so that whoever keeps up misses nothing.
 */
export interface Replay {
  /** Takes the frames of one batch, and numbers each. */
  append(frames: string): void;
  /** The stream is over; an error that came before any frame is kept for the readers. */
  end(error: GatewayError | null): void;
  isEnded(): boolean;
  error(): GatewayError | null;
  /** Bytes kept. */
  size(): number;
  /** Number of the last frame; 0 before the first. */
  lastId(): number;
  /** The frames after the given one, empty when there is none yet; null when they are no longer kept. */
  after(id: number): Slice | null;
  /** Resolves with the next frame or the end; rejects when the signal aborts. */
  changed(signal: AbortSignal): Promise<unknown>;
}

export function createReplay(maxBytes: number): Replay {
  const changes = new EventEmitter().setMaxListeners(0);
  let frames: string[] = [];
  let firstId = 1;
  let size = 0;
  let isEnded = false;
  let error: GatewayError | null = null;
  const nextId = (): number => firstId + frames.length;

  const add = (event: string): void => {
    const frame = `id: ${nextId()}\n${event}\n\n`;
    frames.push(frame);
    size += Buffer.byteLength(frame);
  };
  // Dropping one by one would move the list each time: a whole share goes at once.
  const trim = (newest: number): void => {
    if (size <= maxBytes) return;
    let count = 0;
    while (size > maxBytes * 0.75 && count < newest) size -= Buffer.byteLength(frames[count++] ?? '');
    frames = frames.slice(count);
    firstId += count;
  };
  return {
    append(batch) {
      const newest = frames.length;
      // A frame is one line of JSON, so that an empty line ends each of them.
      for (const event of batch.split('\n\n')) if (event !== '') add(event);
      trim(newest);
      changes.emit('change');
    },
    end(reason) {
      isEnded = true;
      // Later errors are frames of the stream themselves.
      error = nextId() === 1 ? reason : null;
      changes.emit('change');
    },
    isEnded: () => isEnded,
    error: () => error,
    size: () => size,
    lastId: () => nextId() - 1,
    after(id) {
      if (id + 1 < firstId) return null;
      let text = '';
      let at = id + 1 - firstId;
      while (at < frames.length && text.length < SLICE_CHARS) text += frames[at++] ?? '';
      return { text, lastId: firstId + at - 1 };
    },
    changed: (signal) => EventEmitter.once(changes, 'change', { signal }),
  };
}
