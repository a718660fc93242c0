import type { ResumableStream } from './readers.ts';

/**
 * Ended streams that can still be replayed, bounded in bytes. Where room is short, what belongs to the key that holds
 * most gives way first, its oldest stream before the others.
 */
export interface KeptStreams {
  find(keyId: string, id: string): ResumableStream | undefined;
  /** Keeps it for so many milliseconds; not at all when it has no room by itself. */
  add(keyId: string, id: string, stream: ResumableStream, keepMs: number): void;
  drop(keyId: string, id: string): void;
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

  const drop = (keyId: string, id: string): void => {
    const share = shares.get(keyId);
    const kept = share?.streams.get(id);
    if (share === undefined || kept === undefined) return;
    clearTimeout(kept.timer);
    share.streams.delete(id);
    share.bytes -= kept.bytes;
    bytes -= kept.bytes;
    if (share.streams.size === 0) shares.delete(keyId);
  };
  /** Looks at every key that holds something: only where memory is full, and a stream has ended, which is seldom. */
  const keyToCut = (keyId: string, wanted: number): string => {
    let [cut, most] = [keyId, (shares.get(keyId)?.bytes ?? -wanted) + wanted];
    for (const [other, share] of shares) if (share.bytes > most) [cut, most] = [other, share.bytes];
    return cut;
  };
  const makeRoom = (keyId: string, wanted: number): void => {
    while (bytes + wanted > maxBytes) {
      const cut = keyToCut(keyId, wanted);
      const [oldest] = shares.get(cut)?.streams.keys() ?? [];
      if (oldest === undefined) return;
      drop(cut, oldest);
    }
  };
  return {
    find(keyId, id) {
      const kept = shares.get(keyId)?.streams.get(id);
      return kept !== undefined && now() <= kept.until ? kept.stream : undefined;
    },
    add(keyId, id, stream, keepMs) {
      drop(keyId, id);
      const size = Math.max(1, stream.replay.size());
      if (size > maxBytes) return;
      makeRoom(keyId, size);
      // A timer each, because a quiet gateway should not hold its last streams for good.
      const timer = setTimeout(() => drop(keyId, id), keepMs).unref();
      const share = shares.get(keyId) ?? { bytes: 0, streams: new Map() };
      shares.set(keyId, share);
      share.streams.set(id, { stream, bytes: size, until: now() + keepMs, timer });
      share.bytes += size;
      bytes += size;
    },
    drop,
  };
}
