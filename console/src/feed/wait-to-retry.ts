const MAX_RETRY_MS = 15_000;

/**
 * Waits 1, 2, 4 … 15 s, or less: until the browser is online again, the page is looked at, or the abort.
 * @param failures in a row, from 1 on
 */
export function waitToRetry(failures: number, leaving: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const [target, name] of WAKING) target.removeEventListener(name, done);
      leaving.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(MAX_RETRY_MS, 500 * 2 ** failures));
    for (const [target, name] of WAKING) target.addEventListener(name, done);
    leaving.addEventListener('abort', done);
  });
}

const WAKING: readonly (readonly [EventTarget, string])[] = [
  [window, 'online'],
  [window, 'focus'],
  [document, 'visibilitychange'],
];
