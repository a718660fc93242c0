/** At the latest after so many milliseconds. */
const PATIENCE_MS = 2000;

/** Does something when the browser has nothing else to do; not every browser says when that is. @returns takes it back */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(work, PATIENCE_MS / 10);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: PATIENCE_MS });
  return () => cancelIdleCallback(handle);
}
