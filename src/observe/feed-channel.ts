import type { Call } from '../calls/call.ts';
import { KEEPALIVE_FRAME } from '../protocol/sse.ts';
import { FeedCalls } from './feed-calls.ts';
import { FeedLog, toEvent } from './feed-log.ts';

/** What a feed tells of; asked for only while it is read. */
export interface FeedSource {
  /** The calls in flight, as they came. */
  calls(): readonly Call[];
  summarize(call: Call): object;
  /** A call that has ended. */
  ended(call: Call): object;
  performance(): object;
  /** Null where it is not the reader's business. */
  health(): object | null;
}

/** Where events go. */
export interface FeedSink {
  /** False when it is full: then `drained` is called once there is room. */
  write(text: string): boolean;
  end(): void;
}

/** One who reads a feed: a place in its log, and no memory of its own. */
export interface FeedReader {
  readonly keyId: string;
  readonly sink: FeedSink;
  readonly keepaliveMs: number;
  /** The id of the last event that it was given. */
  lastId: number;
  /** Since when its sink is full, in milliseconds; null while it is not. */
  fullSince: number | null;
  aliveAt: number;
  /** Lets it go: nothing is written any more. */
  end(): void;
}

const CALLS_MS = 250;
const FULL_MS = 10_000;
const PERFORMANCE_MS = 5000;
const HEALTH_MS = 1000;
const MAX_ENDED_PER_SECOND = 50;
/** What looking at the calls took is waited for a hundred times over, up to two seconds: that is a hundredth of a core. */
const COST_SHARE = 0.01;
const MAX_CALLS_MS = 2000;
/** A reader that takes nothing for so long is let go: it holds a place that others may want. */
const MAX_FULL_MS = 30_000;

/** What readers with the same rights are told: each event is made once for all of them. */
export class FeedChannel {
  readonly readers = new Set<FeedReader>();
  readonly #source: FeedSource;
  readonly #now: () => number;
  readonly #log: FeedLog;
  readonly #calls: FeedCalls;
  /** When the last reader left; null while there are some. */
  emptySince: number | null = null;
  #callsAt = 0;
  #fullAt = 0;
  #performanceAt = 0;
  #healthAt = 0;
  #hasNews = true;
  #health = '';
  #second = { from: 0, told: 0, skipped: 0 };

  /** @param now milliseconds since the epoch, never going back */
  constructor(source: FeedSource, now: () => number) {
    this.#source = source;
    this.#now = now;
    // Above the ids of every channel before it, of another process too.
    this.#log = new FeedLog(Math.floor(now()) * 1000);
    this.#calls = new FeedCalls(source.summarize);
  }

  /** @param lastEventId what the reader says it has; null for nothing */
  enter(reader: FeedReader, lastEventId: string | null): void {
    this.readers.add(reader);
    this.emptySince = null;
    reader.lastId = this.#log.lastId;
    const known = /^\d{1,16}$/.test(lastEventId ?? '') ? Number(lastEventId) : -1;
    if (this.#log.after(known) !== null) reader.lastId = known;
    else if (lastEventId !== null) this.#reset(reader, 'last_event_id');
    this.#startAfresh();
    this.tick();
  }

  callEnded(call: Call): void {
    this.#calls.ended(call);
    this.#hasNews = true;
    this.#closeSecond();
    if (this.#second.told >= MAX_ENDED_PER_SECOND) this.#second.skipped++;
    else {
      this.#second.told++;
      this.#add('ended', this.#source.ended(call));
    }
  }

  /** Tells what is due, and hands it to the readers. */
  tick(): void {
    const at = this.#now();
    this.#closeSecond();
    if (at >= this.#callsAt) this.#tellCalls(at);
    if (this.#hasNews && at >= this.#performanceAt) {
      this.#hasNews = false;
      this.#performanceAt = at + PERFORMANCE_MS;
      this.#add('performance', this.#source.performance());
    }
    if (at >= this.#healthAt) this.#tellHealth(at);
    for (const reader of this.readers) this.#serve(reader, at);
  }

  #tellCalls(at: number): void {
    const isFull = at >= this.#fullAt;
    const data = this.#calls.look(this.#source.calls(), at, isFull);
    if (data !== null) this.#log.add('calls', data);
    if (isFull) this.#fullAt = at + FULL_MS;
    const costMs = (this.#now() - at) / COST_SHARE;
    this.#callsAt = at + Math.min(MAX_CALLS_MS, Math.max(CALLS_MS, costMs));
  }

  #tellHealth(at: number): void {
    this.#healthAt = at + HEALTH_MS;
    const health = this.#source.health();
    const text = health === null ? '' : JSON.stringify(health);
    if (text !== '' && text !== this.#health) this.#log.add('health', text);
    this.#health = text;
  }

  /** Beyond fifty ended calls a second only their number is told. */
  #closeSecond(): void {
    const at = this.#now();
    if (at - this.#second.from < 1000) return;
    if (this.#second.skipped > 0) this.#add('ended', { skipped: this.#second.skipped });
    this.#second = { from: at, told: 0, skipped: 0 };
  }

  #serve(reader: FeedReader, at: number): void {
    if (reader.fullSince !== null) {
      if (at - reader.fullSince > MAX_FULL_MS) reader.end();
      return;
    }
    for (;;) {
      const slice = this.#log.after(reader.lastId);
      if (slice === null) {
        this.#reset(reader, 'slow_reader');
        this.#startAfresh();
        return;
      }
      if (slice.text === '') break;
      reader.lastId = slice.lastId;
      reader.aliveAt = at;
      if (!this.#write(reader, slice.text)) return;
    }
    if (at - reader.aliveAt < reader.keepaliveMs) return;
    reader.aliveAt = at;
    this.#write(reader, KEEPALIVE_FRAME);
  }

  #reset(reader: FeedReader, reason: string): void {
    reader.lastId = this.#log.lastId;
    this.#write(reader, toEvent('reset', reader.lastId, JSON.stringify({ reason })));
  }

  #write(reader: FeedReader, text: string): boolean {
    const hasRoom = reader.sink.write(text);
    if (!hasRoom) reader.fullSince = this.#now();
    return hasRoom;
  }

  /** A reader that knows nothing yet gets all of it with the next events. */
  #startAfresh(): void {
    this.#fullAt = 0;
    this.#hasNews = true;
    this.#health = '';
    this.#healthAt = 0;
  }

  #add(event: string, data: object): void {
    this.#log.add(event, JSON.stringify(data));
  }
}
