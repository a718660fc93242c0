import type { Page } from 'playwright-core';
import { type Row, share } from './row.ts';
import { openWindow, type Stage } from './stage.ts';

const SLOWED = 4;
const TRIES = 3;
const SETTLED_MS = 1200;

/** The pages, each with the KB that its first view may have in all. */
const PAGES: Readonly<Record<string, number | undefined>> = {
  '/': 60,
  '/compare': undefined,
  '/calls': undefined,
  '/usage': undefined,
  '/health': undefined,
  '/models': undefined,
  '/keys': undefined,
  '/config': undefined,
};

/** What a page was when it was opened for the first time. Milliseconds from the begin of the navigation. */
interface View {
  readonly skeletonMs: number;
  readonly usableMs: number;
  /** As browsers score it. */
  readonly shift: number;
  /** Of the program and its styles, as sent. */
  readonly kilobytes: number;
}

/** The first view of the chat on a slow machine, and what each page weighs and how it shifts. */
export async function* measureViews(stage: Stage): AsyncGenerator<Row> {
  const tries: View[] = [];
  for (let count = 0; count < TRIES; count++) tries.push(await openView(stage, '/', SLOWED));
  const middle = (pick: (view: View) => number): number => share(tries.map(pick), 0.5);
  const first = `first view, ${SLOWED} × slower`;
  yield { what: `${first}: skeleton`, value: middle(({ skeletonMs }) => skeletonMs), unit: 'ms', atMost: 300 };
  yield { what: `${first}: usable`, value: middle(({ usableMs }) => usableMs), unit: 'ms', atMost: 800 };
  for (const [path, atMost] of Object.entries(PAGES)) {
    const { shift, kilobytes } = await openView(stage, path);
    yield { what: `${path}: layout shift`, value: shift, unit: 'score', atMost: 0.02 };
    yield { what: `${path}: first view`, value: kilobytes, unit: 'KB', ...(atMost && { atMost }) };
  }
}

async function openView(stage: Stage, path: string, slowed = 1): Promise<View> {
  const page = await openWindow(stage, slowed);
  await page.goto(`${stage.gateway.url}/console${path}`, { waitUntil: 'commit' });
  const usableMs = await page.evaluate(watchUsable);
  // What comes later may shift what is there.
  await page.waitForTimeout(SETTLED_MS);
  const seen = await page.evaluate(lookBack);
  const kilobytes = await kilobytesOf(page, usableMs);
  await page.context().close();
  return { usableMs, kilobytes, ...seen };
}

/** Runs in the page: when the page has its heading and nothing of the skeleton. */
function watchUsable(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const tick = (): void => {
    const isThere = document.querySelector('main h1') !== null && document.querySelector('main .skeleton') === null;
    if (!isThere) requestAnimationFrame(tick);
    else setTimeout(() => resolve(performance.now()));
  };
  tick();
  return promise;
}

/** Runs in the page. What the browser has kept of it. */
async function lookBack(): Promise<Pick<View, 'skeletonMs' | 'shift'>> {
  const skeletonMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
  const shift = await new Promise<number>((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 50);
  });
  return { skeletonMs, shift };
}

/** What had come when the page was usable, without what is asked of the API, which is as long as there are models and calls. */
async function kilobytesOf(page: Page, usableMs: number): Promise<number> {
  return page.evaluate((untilMs) => {
    const entries = performance.getEntries() as PerformanceResourceTiming[];
    const ofProgram = entries.filter(
      ({ entryType, name, responseEnd }) =>
        entryType === 'navigation' ||
        (entryType === 'resource' && responseEnd <= untilMs && name.startsWith(`${origin}/console/`)),
    );
    return ofProgram.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1000;
  }, usableMs);
}
