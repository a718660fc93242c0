import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, isKeyWanted } from './client.ts';

/** What is known of something that is asked for again and again. */
export interface Polled<T> {
  /** Stays while later questions fail. */
  readonly data: T | null;
  readonly error: ApiError | null;
  /** Nothing has come for five seconds. */
  readonly isSlow: boolean;
  readonly reload: () => void;
}

type Load<T> = (abort: AbortSignal) => Promise<T>;
/** Milliseconds until it is asked for again; null for never. */
type Every<T> = number | null | ((data: T) => number | null);

const SLOW_MS = 5000;
const MAX_RETRY_MS = 15_000;

/**
 * Asks now, and again so often after each answer; not while the page is hidden. After a failure it waits 1, 2, 4 … 15 s,
 * and asks at once when the browser is online again, the page is looked at, or someone has signed in.
 * @param key another one begins anew; null asks nothing
 * @param every null asks once; a function says it for what has come. It may change meanwhile
 */
export function usePoll<T>(load: Load<T>, key: string | null, every: Every<T>): Polled<T> {
  const [state, setState] = useState<Pick<Polled<T>, 'data' | 'error' | 'isSlow'>>(NOTHING);
  const latest = useRef({ load, every });
  latest.current = { load, every };
  const loop = useRef<Loop | null>(null);
  useEffect(() => {
    setState(NOTHING);
    if (key === null) return;
    const made = createLoop<T>(
      (abort) => latest.current.load(abort),
      (data) => msOf(latest.current.every, data),
      {
        got: (data) => setState({ data, error: null, isSlow: false }),
        failed: (error) => setState(({ data }) => ({ data, error, isSlow: false })),
        slow: () => setState((before) => ({ ...before, isSlow: before.data === null })),
      },
    );
    loop.current = made;
    return () => {
      made.stop();
      loop.current = null;
    };
  }, [key]);
  useEffect(() => loop.current?.reschedule(), [typeof every === 'function' ? null : every]);
  return { ...state, reload: () => loop.current?.ask() };
}

/** @param data null before anything has come */
function msOf<T>(every: Every<T>, data: T | null): number | null {
  if (typeof every !== 'function') return every;
  return data === null ? null : every(data);
}

const NOTHING = { data: null, error: null, isSlow: false };

interface Listener<T> {
  got(data: T): void;
  failed(error: ApiError): void;
  slow(): void;
}

interface Loop {
  ask(): void;
  /** It is to be asked more or less often than before. */
  reschedule(): void;
  stop(): void;
}

function createLoop<T>(load: Load<T>, everyMs: (data: T | null) => number | null, listener: Listener<T>): Loop {
  let abort = new AbortController();
  let last: T | null = null;
  let isAsking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const later = (ms: number): void => {
    timer = setTimeout(ask, ms);
  };
  const settle = (waitMs: number | null): void => {
    isAsking = false;
    if (waitMs !== null && !document.hidden) later(waitMs);
  };
  function ask(): void {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    isAsking = true;
    const slow = setTimeout(() => listener.slow(), SLOW_MS);
    load(signal)
      .then((data) => {
        if (signal.aborted) return;
        failures = 0;
        last = data;
        listener.got(data);
        settle(everyMs(data));
      })
      .catch((error: ApiError) => {
        if (signal.aborted) return;
        failures++;
        listener.failed(error);
        // What is refused stays refused; what could not be answered is asked again.
        settle(error.status === 0 || error.status >= 500 ? Math.min(MAX_RETRY_MS, 500 * 2 ** failures) : everyMs(last));
      })
      .finally(() => clearTimeout(slow));
  }
  const wake = (): void => {
    if (!document.hidden && (everyMs(last) !== null || failures > 0)) ask();
  };
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  const forget = isKeyWanted.subscribe((isWanted) => {
    if (!isWanted && failures > 0) ask();
  });
  ask();
  return {
    ask,
    reschedule() {
      clearTimeout(timer);
      if (!isAsking) settle(everyMs(last));
    },
    stop() {
      clearTimeout(timer);
      abort.abort();
      removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      forget();
    },
  };
}
