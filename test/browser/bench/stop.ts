import type { Page } from 'playwright-core';
import { type Row, share } from './row.ts';
import { askAgain, askIn, openTab, openWindow, type Stage } from './stage.ts';

const STOPS = 20;
const TABS = 6;
const BETWEEN_MS = 200;

/** When Stop was clicked, as milliseconds since the epoch, and how long until the page had painted that it is stopped. */
interface Stopped {
  readonly at: number;
  readonly shownMs: number;
}

interface Times {
  readonly shown: number[];
  readonly cancelled: number[];
}

/** From the click on Stop to its mark, and to the provider's closed connection; also beside streams of other tabs. */
export async function* measureStop(stage: Stage): AsyncGenerator<Row> {
  const page = await openWindow(stage);
  const alone = await stopAll(page, stage);
  yield* rowsOf('Stop', alone);
  const tabs: Page[] = [];
  for (let count = 0; count < TABS; count++) {
    const tab = await openTab(page.context());
    await askIn(tab, stage, 'mixed-slow');
    tabs.push(tab);
  }
  await page.bringToFront();
  const crowded = await stopAll(page, stage);
  await page.context().close();
  yield* rowsOf(`Stop beside ${TABS} tabs that draw streams`, crowded);
}

function* rowsOf(what: string, { shown, cancelled }: Times): Generator<Row> {
  yield { what: `${what}: the page says so, p50`, value: share(shown, 0.5), unit: 'ms' };
  yield { what: `${what}: the page says so, p95`, value: share(shown, 0.95), unit: 'ms', atMost: 50 };
  yield { what: `${what}: the provider is rid of it, p50`, value: share(cancelled, 0.5), unit: 'ms' };
  yield { what: `${what}: the provider is rid of it, p95`, value: share(cancelled, 0.95), unit: 'ms', atMost: 300 };
}

async function stopAll(page: Page, stage: Stage): Promise<Times> {
  const times: Times = { shown: [], cancelled: [] };
  for (let count = 0; count < STOPS; count++) {
    await (count === 0 ? askIn(page, stage, 'mixed-slow') : askAgain(page));
    await page.waitForTimeout(BETWEEN_MS);
    const { at, shownMs, givenUpAt } = await stopOne(page, stage);
    times.shown.push(shownMs);
    times.cancelled.push(givenUpAt - at);
  }
  return times;
}

async function stopOne(page: Page, { upstream }: Stage): Promise<Stopped & { readonly givenUpAt: number }> {
  const givenUp = upstream.lastGivenUp();
  const seen = page.evaluate(watchStop);
  await page.getByRole('button', { name: 'Stop' }).click();
  const [stopped, givenUpAt] = await Promise.all([seen, givenUp]);
  return { ...stopped, givenUpAt };
}

/** Runs in the page. */
function watchStop(): Promise<Stopped> {
  const { promise, resolve } = Promise.withResolvers<Stopped>();
  const marks = (): number =>
    [...document.querySelectorAll('article p')].filter(({ textContent }) => textContent?.startsWith('Stopped')).length;
  const before = marks();
  const onClick = ({ timeStamp }: Event): void => {
    const watcher = new MutationObserver(() => {
      if (marks() === before) return;
      watcher.disconnect();
      // The task after the next frame: then it is painted.
      requestAnimationFrame(() =>
        setTimeout(() => resolve({ at: performance.timeOrigin + timeStamp, shownMs: performance.now() - timeStamp })),
      );
    });
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
  };
  addEventListener('click', onClick, { capture: true, once: true });
  return promise;
}
