import type { Page } from 'playwright-core';

/** What was seen in a page between two looks. Times are milliseconds. */
export interface Seen {
  /** From one frame to the next. */
  readonly gaps: readonly number[];
  /** What each change of the page took as a program: the callback of a frame, with the drawing that follows it at once. */
  readonly flushes: readonly number[];
  readonly longTasks: readonly number[];
  /** From a key to the paint that shows it; quick ones are missing, as the browser tells none under 16 ms. */
  readonly keys: readonly number[];
  readonly tookMs: number;
}

/** Installs the probe in all pages that this one will be. The policy of the console does not stop it. */
export async function installProbe(page: Page): Promise<void> {
  await page.addInitScript(probe);
}

/** What was seen since the last look. */
export async function look(page: Page): Promise<Seen> {
  return page.evaluate(() => (globalThis as unknown as { benchLook(): Seen }).benchLook());
}

/** Runs in the page, and knows nothing from outside of it. */
function probe(): void {
  const natural = globalThis.requestAnimationFrame.bind(globalThis);
  let lastFrameAt = 0;
  let since = performance.now();
  let gaps: number[] = [];
  let flushes: number[] = [];
  let longTasks: number[] = [];
  let keys: number[] = [];
  const count = (at: number): void => {
    if (lastFrameAt > 0) gaps.push(at - lastFrameAt);
    lastFrameAt = at;
    natural(count);
  };
  natural(count);
  let isChanged = false;
  const changes = new MutationObserver(() => {
    isChanged = true;
  });
  addEventListener('DOMContentLoaded', () =>
    changes.observe(document, { subtree: true, childList: true, characterData: true }),
  );
  globalThis.requestAnimationFrame = (callback) =>
    natural((at) => {
      const startedAt = performance.now();
      isChanged = false;
      callback(at);
      // What the callback has changed is drawn in a microtask, which was queued before this one.
      queueMicrotask(() => {
        if (changes.takeRecords().length > 0 || isChanged) flushes.push(performance.now() - startedAt);
      });
    });
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: 'longtask',
  });
  new PerformanceObserver((list) => {
    keys.push(...list.getEntries().flatMap(({ name, duration }) => (name === 'keydown' ? [duration] : [])));
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  const benchLook = (): Seen => {
    const now = performance.now();
    const seen = { gaps, flushes, longTasks, keys, tookMs: now - since };
    [gaps, flushes, longTasks, keys, since] = [[], [], [], [], now];
    return seen;
  };
  Object.assign(globalThis, { benchLook });
}
