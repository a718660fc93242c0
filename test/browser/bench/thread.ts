import type { Page } from 'playwright-core';
import { look } from './probe.ts';
import { type Row, share } from './row.ts';
import { openWindow, type Stage } from './stage.ts';
import { mixedPart } from './texts.ts';

const TITLE = 'A long one';
const MESSAGES = 200;
const PER_PAGE = 50;
const PER_POST = 20;
const TRIES = 3;
const SLOWED = 4;
const TURNS_OF_THE_WHEEL = 120;

/** A long conversation: its end, and what it is like to go through it. */
export async function* measureThread(stage: Stage): AsyncGenerator<Row> {
  const id = await makeThread(stage.gateway.url);
  for (const slowed of [1, SLOWED]) {
    const what = `a thread of ${MESSAGES} messages: the last ${PER_PAGE} are drawn${slowed > 1 ? `, ${slowed} × slower` : ''}`;
    const [clicked, opened]: [number[], number[]] = [[], []];
    for (let count = 0; count < TRIES; count++) {
      clicked.push(await timeToEnd(stage, slowed, id, true));
      opened.push(await timeToEnd(stage, slowed, id, false));
    }
    yield { what: `${what}, after a click in the list`, value: share(clicked, 0.5), unit: 'ms', atMost: 500 };
    yield { what: `${what}, after its address was opened`, value: share(opened, 0.5), unit: 'ms' };
  }
  yield* measureScrolling(stage, id);
}

/** From the click, or from the begin of the navigation, to the frame that shows the end. Each time in a new browser window. */
async function timeToEnd(stage: Stage, slowed: number, id: string, isClicked: boolean): Promise<number> {
  const page = await openWindow(stage, slowed);
  const console = `${stage.gateway.url}/console`;
  if (isClicked) {
    await page.goto(`${console}/`);
    const link = page.getByRole('link', { name: TITLE });
    await link.waitFor();
    await page.waitForTimeout(500);
    const drawn = page.evaluate(watchDrawn, { count: PER_PAGE, isClicked });
    await link.click();
    return closing(page, await drawn);
  }
  await page.goto(`${console}/c/${id}`, { waitUntil: 'commit' });
  return closing(page, await page.evaluate(watchDrawn, { count: PER_PAGE, isClicked }));
}

async function closing(page: Page, value: number): Promise<number> {
  await page.context().close();
  return value;
}

/** Runs in the page. Resolves with the milliseconds until so many messages were painted. */
function watchDrawn({ count, isClicked }: { readonly count: number; readonly isClicked: boolean }): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let since = isClicked ? Number.POSITIVE_INFINITY : 0;
  addEventListener(
    'click',
    ({ timeStamp }) => {
      since = timeStamp;
    },
    { capture: true, once: true },
  );
  const tick = (): void => {
    if (document.querySelectorAll('article').length < count) requestAnimationFrame(tick);
    else setTimeout(() => resolve(performance.now() - since));
  };
  tick();
  return promise;
}

async function* measureScrolling(stage: Stage, id: string): AsyncGenerator<Row> {
  const page = await openWindow(stage);
  await page.goto(`${stage.gateway.url}/console/c/${id}`);
  await page.waitForFunction((count) => document.querySelectorAll('article').length >= count, MESSAGES);
  await page.waitForTimeout(1000);
  await look(page);
  await page.waitForTimeout(2000);
  const idle = await look(page);
  await page.mouse.move(700, 300);
  await turnWheel(page, -1);
  await look(page);
  // All has been laid out once by now: what a reader meets who goes back to where he was.
  await turnWheel(page, 1);
  const { gaps } = await look(page);
  await page.context().close();
  const [p95, idleP95] = [share(gaps, 0.95), share(idle.gaps, 0.95)];
  yield { what: 'scrolling through it: a frame, p95', value: p95, unit: 'ms', atMost: 17, idle: idleP95 };
}

async function turnWheel(page: Page, direction: number): Promise<void> {
  for (let turn = 0; turn < TURNS_OF_THE_WHEEL; turn++) {
    await page.mouse.wheel(0, direction * 300);
    await page.waitForTimeout(16);
  }
}

/** 200 messages with 300,000 letters in all. */
async function makeThread(url: string): Promise<string> {
  const { id } = await post(url, '/v1/conversations', { metadata: { title: TITLE } });
  const items = Array.from({ length: MESSAGES }, (_, at) => ({
    type: 'message',
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: at % 2 === 0 ? `Message ${at}, a question` : mixedPart(at).repeat(3),
  }));
  for (let from = 0; from < items.length; from += PER_POST)
    await post(url, `/v1/conversations/${id}/items`, { items: items.slice(from, from + PER_POST) });
  return id;
}

async function post(url: string, path: string, body: object): Promise<{ readonly id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path} was answered with HTTP ${response.status}: ${await response.text()}`);
  return (await response.json()) as { id: string };
}
