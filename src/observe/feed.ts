import type { Call } from '../calls/call.ts';
import { FeedChannel, type FeedReader, type FeedSink, type FeedSource } from './feed-channel.ts';
import type { Observer } from './observer.ts';

const MAX_READERS = 32;
/** A reader that lost its connection finds what it missed, if it is back by then. After that nothing is computed. */
const LINGER_MS = 10_000;

/** What a reader may do. */
export interface FeedPlace {
  /** Its sink has room again. */
  drained(): void;
  leave(): void;
}

/** Who reads, and from where on. */
export interface NewReader {
  /** Whose calls it is told of; null: everybody's. */
  readonly scope: string | null;
  /** Who it is: places are shared out by this. */
  readonly keyId: string;
  readonly lastEventId: string | null;
  readonly keepaliveMs: number;
}

/** The live feed of what happens. It does nothing while it has no readers, but for ten seconds after the last one left. */
export interface Feed extends Required<Pick<Observer, 'callEnded'>> {
  /** Null where all 32 places are taken, unless another key has more of them than the newcomer's: its oldest reader ends. */
  enter(reader: NewReader, source: FeedSource, sink: FeedSink): FeedPlace | null;
  /** To be called a few times a second. False when there is nothing to tell any more, and it need not be. */
  tick(): boolean;
  /** Ends every reader. */
  close(): void;
}

/** @param now milliseconds since the epoch, never going back */
export function createFeed(now: () => number): Feed {
  const channels = new Map<string | null, FeedChannel>();
  const readers = new Set<FeedReader>();
  const makeRoom = (keyId: string): boolean => {
    if (readers.size < MAX_READERS) return true;
    const byKey = [...Map.groupBy(readers, (reader) => reader.keyId)];
    const [[, most] = ['', []]] = byKey.sort(([, one], [, other]) => other.length - one.length);
    const own = byKey.find(([id]) => id === keyId)?.[1].length ?? 0;
    if (own + 1 >= most.length) return false;
    const [oldest] = most;
    if (oldest === undefined) return false;
    oldest.end();
    return true;
  };
  return {
    enter({ scope, keyId, lastEventId, keepaliveMs }, source, sink) {
      if (!makeRoom(keyId)) return null;
      const channel = channels.get(scope) ?? new FeedChannel(source, now);
      channels.set(scope, channel);
      const leave = (): void => {
        readers.delete(reader);
        channel.readers.delete(reader);
        if (channel.readers.size === 0) channel.emptySince ??= now();
      };
      const end = (): void => {
        leave();
        sink.end();
      };
      const reader: FeedReader = { keyId, sink, keepaliveMs, lastId: 0, fullSince: null, aliveAt: now(), end };
      readers.add(reader);
      channel.enter(reader, lastEventId);
      return {
        drained: () => {
          reader.fullSince = null;
        },
        leave,
      };
    },
    callEnded(call: Call) {
      // All that a call pays while nothing is read.
      if (channels.size === 0) return;
      channels.get(null)?.callEnded(call);
      channels.get(call.key.id)?.callEnded(call);
    },
    tick() {
      for (const [scope, channel] of channels) {
        if (channel.emptySince !== null && now() - channel.emptySince >= LINGER_MS) channels.delete(scope);
        else channel.tick();
      }
      return channels.size > 0;
    },
    close() {
      for (const reader of readers) reader.end();
    },
  };
}
