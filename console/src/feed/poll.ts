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

const SLOW_MS = 5000;
const MAX_RETRY_MS = 15_000;

/**
 * Asks now, and again `everyMs` after each answer; not while the page is hidden. After a failure it waits 1, 2, 4 … 15 s,
 * and asks at once when the browser is online again, the page is looked at, or someone has signed in.
 * @param key another one begins anew; null asks nothing @param everyMs null asks once
 */
export function usePoll<T>(load: Load<T>, key: string | null, everyMs: number | null): Polled<T> {
  const [state, setState] = useState<Pick<Polled<T>, 'data' | 'error' | 'isSlow'>>(NOTHING);
  const asked = useRef<{ load: Load<T>; ask: () => void }>({ load, ask: () => {} });
  asked.current.load = load;
  useEffect(() => {
    setState(NOTHING);
    if (key === null) return;
    const loop = createLoop<T>((abort) => asked.current.load(abort), everyMs, {
      got: (data) => setState({ data, error: null, isSlow: false }),
      failed: (error) => setState(({ data }) => ({ data, error, isSlow: false })),
      slow: () => setState((before) => ({ ...before, isSlow: before.data === null })),
    });
    asked.current.ask = loop.ask;
    return loop.stop;
  }, [key, everyMs]);
  return { ...state, reload: () => asked.current.ask() };
}

const NOTHING = { data: null, error: null, isSlow: false };

interface Listener<T> {
  got(data: T): void;
  failed(error: ApiError): void;
  slow(): void;
}

function createLoop<T>(load: Load<T>, everyMs: number | null, listener: Listener<T>) {
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const later = (ms: number): void => {
    timer = setTimeout(ask, ms);
  };
  const settle = (waitMs: number | null): void => {
    if (waitMs !== null && !document.hidden) later(waitMs);
  };
  function ask(): void {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    const slow = setTimeout(() => listener.slow(), SLOW_MS);
    load(signal)
      .then((data) => {
        if (signal.aborted) return;
        failures = 0;
        listener.got(data);
        settle(everyMs);
      })
      .catch((error: ApiError) => {
        if (signal.aborted) return;
        failures++;
        listener.failed(error);
        // What is refused stays refused; what could not be answered is asked again.
        settle(error.status === 0 || error.status >= 500 ? Math.min(MAX_RETRY_MS, 500 * 2 ** failures) : everyMs);
      })
      .finally(() => clearTimeout(slow));
  }
  const wake = (): void => {
    if (!document.hidden && (everyMs !== null || failures > 0)) ask();
  };
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  const forget = isKeyWanted.subscribe((isWanted) => {
    if (!isWanted && failures > 0) ask();
  });
  ask();
  return {
    ask,
    stop() {
      clearTimeout(timer);
      abort.abort();
      removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      forget();
    },
  };
}
