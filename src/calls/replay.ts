import { EventEmitter } from 'node:events';
import type { GatewayError } from '../protocol/errors.ts';
import { FrameList, type Slice } from './frame-list.ts';

/** One who reads the frames in turn, as long as it is connected. */
export interface Follower {
  /** What comes after the last frames that it took, empty when there is none yet; null when it is no longer kept. */
  next(): Slice | null;
  leave(): void;
}

/**
 * The numbered frames of one resumable stream, for any number of readers. Bounded: the oldest give way, but neither those
 * of the newest batch nor those that the fastest of the connected readers has still to take; while those are too many,
 * it is full.
 */
export interface Replay {
  /** Takes the frames of one batch, and numbers each. False when it is full now: then wait for `room`. */
  append(frames: string): boolean;
  /** Resolves when there is room again, or no reader is left; rejects when the signal aborts. */
  room(signal: AbortSignal): Promise<unknown>;
  /** The stream is over; an error that came before any frame is kept for the readers. */
  end(error: GatewayError | null): void;
  isEnded(): boolean;
  error(): GatewayError | null;
  /** Bytes kept. */
  size(): number;
  /** Number of the last frame; 0 before the first. */
  lastId(): number;
  /** A reader that has all frames up to the given one. */
  follow(id: number): Follower;
  /** Resolves with the next frame or the end; rejects when the signal aborts. */
  changed(signal: AbortSignal): Promise<unknown>;
}

export function createReplay(maxBytes: number): Replay {
  const changes = new EventEmitter().setMaxListeners(0);
  const frames = new FrameList();
  /** The last frame that each reader has taken. */
  const taken = new Map<Follower, number>();
  let isFull = false;
  let isEnded = false;
  let error: GatewayError | null = null;

  /** What the fastest reader took last; null without one. A reader that fell behind what is kept cannot be helped any more. */
  const fastest = (): number | null => {
    const present = [...taken.values()].filter((id) => id + 1 >= frames.firstId());
    return present.length === 0 ? null : Math.max(...present);
  };
  const untaken = (): number => {
    const id = fastest();
    return id === null ? 0 : frames.bytesAfter(id);
  };
  const resumeProvider = (): void => {
    // Not with the first frame that was taken: the next one would fill it again.
    if (!isFull || untaken() > maxBytes / 2) return;
    isFull = false;
    changes.emit('room');
  };
  return {
    append(batch) {
      const newest = frames.lastId();
      frames.append(batch);
      // Dropping one by one would move the list each time: a whole share goes at once.
      if (frames.size() > maxBytes) frames.trim(maxBytes * 0.75, Math.min(newest, fastest() ?? newest));
      isFull = untaken() > maxBytes;
      changes.emit('change');
      return !isFull;
    },
    room: (signal) => EventEmitter.once(changes, 'room', { signal }),
    end(reason) {
      isEnded = true;
      // Later errors are frames of the stream themselves.
      error = frames.lastId() === 0 ? reason : null;
      changes.emit('change');
    },
    isEnded: () => isEnded,
    error: () => error,
    size: () => frames.size(),
    lastId: () => frames.lastId(),
    follow(id) {
      const follower: Follower = {
        next() {
          const slice = frames.after(taken.get(follower) ?? id);
          if (slice !== null) taken.set(follower, slice.lastId);
          resumeProvider();
          return slice;
        },
        leave() {
          taken.delete(follower);
          resumeProvider();
        },
      };
      taken.set(follower, id);
      resumeProvider();
      return follower;
    },
    changed: (signal) => EventEmitter.once(changes, 'change', { signal }),
  };
}
