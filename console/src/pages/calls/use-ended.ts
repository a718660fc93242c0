import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallPage } from '../../feed/calls.ts';
import { MAX_ENDED } from '../../feed/live-events.ts';
import { live } from '../../feed/live-state.ts';
import { type Polled, usePoll } from '../../feed/poll.ts';
import { listEnded } from '../../feed/records.ts';
import type { EndedBody } from '../../feed/wire.ts';
import { identity, withTold } from './ended-list.ts';

const EVERY_MS = 3000;

/** The first page: asked for once and kept up by the live feed, else asked for every few seconds. */
export function useLatest(asked: () => URLSearchParams, key: string): Polled<CallPage<EndedBody>> {
  const feed = live.value;
  const polled = usePoll((abort) => listEnded(asked(), abort), key, feed === null ? EVERY_MS : null);
  const isFirst = useRef(true);
  // Before the feed has told of more than it keeps, and when it may have missed something.
  const fresh = feed === null ? null : `${feed.missed} ${Math.floor((2 * feed.endedCount) / MAX_ENDED)}`;
  useEffect(() => {
    if (!isFirst.current && fresh !== null) polled.reload();
    isFirst.current = false;
  }, [fresh]);
  if (polled.data === null || feed === null) return polled;
  return { ...polled, data: withTold(polled.data, feed.ended, asked()) };
}

/**
 * The pages after the first: asked for by hand, and kept until the filters change. Kept with them are the rows that were shown
 * before: these leave the first page as more calls end.
 */
export function useOlder(key: string) {
  const none = {
    key,
    rows: [] as readonly EndedBody[],
    next: null as string | null,
    isBusy: false,
    problem: null as string | null,
  };
  const [kept, setKept] = useState(none);
  const state = kept.key === key ? kept : none;
  const load = async (query: URLSearchParams, after: string, shown: readonly EndedBody[]): Promise<void> => {
    setKept({ ...state, isBusy: true });
    query.set('after', after);
    try {
      const page = await listEnded(query);
      setKept({ key, rows: [...shown, ...page.data], next: page.next_cursor, isBusy: false, problem: null });
    } catch (error) {
      setKept({ ...state, isBusy: false, problem: (error as Error).message });
    }
  };
  return { ...state, load };
}

/** While it is paused, or the reader is at the list, its rows stay where they are, and what is new waits. */
export function useHold(latest: CallPage<EndedBody> | null, key: string, isPaused: boolean) {
  const [held, setHeld] = useState<{ readonly key: string; readonly page: CallPage<EndedBody> } | null>(null);
  const now = useRef(latest);
  now.current = latest;
  const hold = (): void => {
    const page = now.current;
    if (page !== null) setHeld((before) => (before?.key === key ? before : { key, page }));
  };
  const release = (): void => setHeld(null);
  useEffect(release, [key]);
  useEffect(() => (isPaused ? hold() : release()), [isPaused, latest === null]);
  const shown = held?.key === key ? held.page : latest;
  const known = new Set(shown?.data.map(identity));
  const waiting = latest?.data.filter((call) => !known.has(identity(call))).length ?? 0;
  const show = (): void => {
    release();
    if (isPaused) hold();
  };
  return { shown, waiting, begin: hold, end: () => !isPaused && release(), show };
}
