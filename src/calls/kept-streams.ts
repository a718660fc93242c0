import type { ResumableStream } from './readers.ts';

/**
 * Ended streams that can still be replayed, bounded in bytes. Where room is short, what belongs to the key that holds
 * most gives way first, its oldest stream before the others.
 */
export interface KeptStreams {
  find(keyName: string, id: string): ResumableStream | undefined;
  /** Keeps it for so many milliseconds; not at all when it has no room by itself. */
  add(keyName: string, id: string, stream: ResumableStream, keepMs: number): void;
  drop(keyName: string, id: string): void;
}

interface Kept {
  readonly stream: ResumableStream;
  readonly bytes: number;
  readonly until: number;
  readonly timer: NodeJS.Timeout;
}

/** What one key holds, the oldest first. */
interface StreamShare {
  bytes: number;
  readonly streams: Map<string, Kept>;
}

/** @param now milliseconds since the epoch */
export function createKeptStreams(maxBytes: number, now: () => number): KeptStreams {
  const shares = new Map<string, StreamShare>();
  let bytes = 0;

  const drop = (keyName: string, id: string): void => {
    const share = shares.get(keyName);
    const kept = share?.streams.get(id);
    if (share === undefined || kept === undefined) return;
    clearTimeout(kept.timer);
    share.streams.delete(id);
    share.bytes -= kept.bytes;
    bytes -= kept.bytes;
    if (share.streams.size === 0) shares.delete(keyName);
  };
  /** Looks at every key that holds something: only where memory is full, and a stream has ended, which is seldom. */
  const keyToCut = (keyName: string, wanted: number): string => {
    let [cut, most] = [keyName, (shares.get(keyName)?.bytes ?? -wanted) + wanted];
    for (const [other, share] of shares) if (share.bytes > most) [cut, most] = [other, share.bytes];
    return cut;
  };
  const makeRoom = (keyName: string, wanted: number): void => {
    while (bytes + wanted > maxBytes) {
      const cut = keyToCut(keyName, wanted);
      const [oldest] = shares.get(cut)?.streams.keys() ?? [];
      if (oldest === undefined) return;
      drop(cut, oldest);
    }
  };
  return {
    find(keyName, id) {
      const kept = shares.get(keyName)?.streams.get(id);
      return kept !== undefined && now() <= kept.until ? kept.stream : undefined;
    },
    add(keyName, id, stream, keepMs) {
      drop(keyName, id);
      const size = Math.max(1, stream.replay.size());
      if (size > maxBytes) return;
      makeRoom(keyName, size);
      // A timer each, because a quiet gateway should not hold its last streams for good.
      const timer = setTimeout(() => drop(keyName, id), keepMs).unref();
      const share = shares.get(keyName) ?? { bytes: 0, streams: new Map() };
      shares.set(keyName, share);
      share.streams.set(id, { stream, bytes: size, until: now() + keepMs, timer });
      share.bytes += size;
      bytes += size;
    },
    drop,
  };
}
