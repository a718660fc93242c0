import { isResting } from './attention.ts';
import { isKeyWanted, send } from './client.ts';
import { afterLoss, type LiveEvent, type LiveState, NOTHING_LIVE, nextLive } from './live-events.ts';
import { live } from './live-state.ts';
import { hasLocks, waitForLock } from './locks.ts';
import { lookWhetherReady } from './readiness.ts';
import { readEvents } from './sse.ts';
import { until } from './until.ts';
import { waitToRetry } from './wait-to-retry.ts';

/** The lock of the tab that reads the feed, and the channel by which it tells the others. */
const NAME = 'sluice-live';
const PUBLISH_MS = 250;
/** Every ten seconds all calls are told: a connection that is silent for longer is dead. */
const SILENCE_MS = 30_000;

/** What tabs tell one another. */
type Note =
  | { readonly type: 'hello' }
  | { readonly type: 'state'; readonly state: LiveState; readonly lastId: string | null }
  | { readonly type: 'event'; readonly event: LiveEvent; readonly id: string | null }
  | { readonly type: 'off' };

/**
 * Follows the live feed from now on, over one connection for all tabs of the browser: one that is out of sight for ten
 * seconds lets it go to another. @param beforeAgain is asked before it is taken up after a loss
 */
export function startLive(beforeAgain: () => Promise<void>): void {
  if (!hasLocks) return;
  const feed = new LiveFeed(beforeAgain);
  isResting.subscribe((rests) => (rests ? feed.leave() : feed.join()));
}

class LiveFeed {
  readonly #channel = new BroadcastChannel(NAME);
  readonly #beforeAgain: () => Promise<void>;
  #state = NOTHING_LIVE;
  /** Whether the state is whole, and not only what was told since this tab listens. */
  #isOn = false;
  #isReader = false;
  #lastId: string | null = null;
  #leaving = new AbortController();
  #publishing: ReturnType<typeof setTimeout> | undefined;
  #publishedAt = 0;

  constructor(beforeAgain: () => Promise<void>) {
    this.#beforeAgain = beforeAgain;
    this.#channel.onmessage = ({ data }: MessageEvent<Note>) => this.#hear(data);
  }

  /** Listens to the tab that reads, and reads as soon as none does. */
  join(): void {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    this.#tell({ type: 'hello' });
    this.#readInTurn(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** What other tabs tell is still heard. */
  leave(): void {
    this.#leaving.abort();
  }

  async #readInTurn(leaving: AbortSignal): Promise<void> {
    const release = await waitForLock(NAME, leaving);
    this.#isReader = true;
    try {
      await this.#readAgainAndAgain(leaving);
    } finally {
      this.#isReader = false;
      release();
    }
  }

  async #readAgainAndAgain(leaving: AbortSignal): Promise<void> {
    for (let failures = 0; ; ) {
      const hasHeard = await this.#read(leaving);
      failures = hasHeard ? 1 : failures + 1;
      if (leaving.aborted) return;
      // One that is back within a second has missed nothing.
      if (failures > 1 || isKeyWanted.peek()) this.#switchOff();
      // A gateway that stops ends the feed first.
      if (hasHeard) void lookWhetherReady();
      await waitToRetry(failures, leaving);
      await until(() => !isKeyWanted.value, leaving);
      await this.#beforeAgain();
    }
  }

  /** Reads until the connection ends, however it does. @returns whether anything was heard */
  async #read(leaving: AbortSignal): Promise<boolean> {
    const dead = new AbortController();
    const bury = (): void => dead.abort();
    // A connection over a network that is gone does not end by itself.
    addEventListener('offline', bury);
    let silence = setTimeout(bury, SILENCE_MS);
    let hasHeard = false;
    try {
      const headers = this.#lastId === null ? {} : { 'last-event-id': this.#lastId };
      const signal = AbortSignal.any([leaving, dead.signal]);
      for await (const { event, id, data } of readEvents(await send('/v1/live', { method: 'GET', headers, signal }))) {
        clearTimeout(silence);
        silence = setTimeout(bury, SILENCE_MS);
        hasHeard = true;
        const told = { type: 'event', event: { event, data: JSON.parse(data) } as LiveEvent, id: id ?? null } as const;
        this.#take(told);
        this.#tell(told);
      }
    } catch {
      // Refused, lost or silent: it is tried again, and pages ask meanwhile.
    } finally {
      clearTimeout(silence);
      removeEventListener('offline', bury);
    }
    return hasHeard;
  }

  #hear(note: Note): void {
    if (note.type === 'event') this.#take(note);
    else if (note.type === 'off') this.#forget();
    else if (note.type === 'hello') {
      if (this.#isReader && this.#isOn) this.#tell({ type: 'state', state: this.#state, lastId: this.#lastId });
    } else {
      this.#state = note.state;
      this.#lastId = note.lastId;
      this.#isOn = true;
      this.#publish();
    }
  }

  #take({ event, id }: Extract<Note, { type: 'event' }>): void {
    this.#state = nextLive(this.#state, event, Date.now());
    this.#lastId = id ?? this.#lastId;
    if (event.event === 'calls' && event.data.full) this.#isOn = true;
    if (this.#isOn) this.#publish();
  }

  #publish(): void {
    const dueMs = this.#publishedAt + PUBLISH_MS - performance.now();
    this.#publishing ??= setTimeout(() => {
      this.#publishing = undefined;
      this.#publishedAt = performance.now();
      if (this.#isOn) live.value = this.#state;
    }, dueMs);
  }

  #switchOff(): void {
    this.#forget();
    this.#tell({ type: 'off' });
  }

  #forget(): void {
    this.#state = afterLoss(this.#state);
    this.#lastId = null;
    this.#isOn = false;
    live.value = null;
  }

  #tell(note: Note): void {
    this.#channel.postMessage(note);
  }
}
