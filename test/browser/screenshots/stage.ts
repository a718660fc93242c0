import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { whenStill } from '../support/still.ts';
import { createClock } from './clock.ts';
import { beginCalls, DAY_MINUTES, makeDay } from './day.ts';
import { ADMIN, openScene, type Scene } from './gateway.ts';
import { makeConversation, type Picture, picturesOf } from './pictures.ts';

/** How wide the console is looked at, as a rule. */
const WIDE = { width: 1280, height: 900 };

/** When the first page is opened, in seconds after the time of the pictures, and how much later each of the others. */
const OPENED = { first: 15, next: 3 };
/** More than from one look of the feed to the next. No age of a call in the pictures comes to another second meanwhile. */
const FEED_MS = 300;

/** A gateway after a day of calls, two of which are in flight, and a browser that looks at it. */
export interface Stage {
  readonly scene: Scene;
  readonly browser: Browser;
  /** The names of the pages. */
  readonly names: readonly string[];
  /** A page as it is photographed, in a context of its own. In the order of the names, and wide ones first. */
  open(name: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Makes the day, and the conversation that is shown. */
export async function openStage(): Promise<Stage> {
  const scene = await openScene(createClock(DAY_MINUTES));
  const browser = await startBrowser({ isRich: true });
  const ending = new AbortController();
  await makeDay(scene);
  const pictures = picturesOf(await converse(browser, scene));
  await beginCalls(scene, ending.signal);
  return {
    scene,
    browser,
    names: pictures.map(({ name }) => name),
    async open(name, options = {}) {
      const index = pictures.findIndex((picture) => picture.name === name);
      const picture = pictures[index] as Picture;
      const place = index * 2 + (options.viewport === undefined ? 0 : 1);
      scene.clock.setBefore(-(OPENED.first + place * OPENED.next) / 60);
      const page = await (await openContext(browser, scene, options)).newPage();
      const live = page.waitForResponse('**/v1/live');
      await page.goto(`${scene.url}/console${picture.path}`);
      await live;
      await picture.prepare(page);
      // The feed goes by the clock of the gateway, too: it tells what runs now, if it has not yet.
      await scene.clock.pass(FEED_MS);
      await page.getByRole('navigation', { name: 'Pages' }).getByText('(2)').waitFor();
      return page;
    },
    async close() {
      ending.abort();
      await browser.close();
      await scene.close();
    },
  };
}

/** What the page looks like when nothing changes any more. */
export async function photograph(page: Page): Promise<Buffer> {
  // Where the pointer rests, rows are held and buttons coloured; what has the focus has a frame.
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement.blur()');
  return whenStill(page, () => page.screenshot({ animations: 'disabled', caret: 'hide' }));
}

async function converse(browser: Browser, scene: Scene): Promise<string> {
  const context = await openContext(browser, scene, {});
  const page = await context.newPage();
  await page.goto(`${scene.url}/console/`);
  const path = await makeConversation(page);
  await context.close();
  return path;
}

/** Signed in, and with the time of the gateway. */
async function openContext(
  browser: Browser,
  { url, clock }: Scene,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: WIDE,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(20_000);
  await context.clock.setFixedTime(clock.now());
  const response = await fetch(`${url}/console/session`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  const [, name = '', value = ''] = /^(\w+)=([^;]+)/.exec(response.headers.get('set-cookie') ?? '') ?? [];
  // Without the time at which it ends: cookies go by the clock of the machine, for which that is long ago.
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
  return context;
}
