import type { Page } from 'playwright-core';
import { openIdlePage } from './idle-page.ts';
import { look } from './probe.ts';
import { type Row, share } from './row.ts';
import { askIn, openWindow, type Stage, untilLetters } from './stage.ts';

const KEYS = 60;
const BETWEEN_MS = 90;
/** The browser tells no event that was quicker. */
const QUICKEST_MS = 16;
const LAST_TENTH = 60_000;

/** From a key to the paint that shows it, while the last tenth of an answer comes. */
export async function* measureTyping(stage: Stage): AsyncGenerator<Row> {
  const idlePage = await openIdlePage(stage);
  const idle = await typeInto(idlePage, 'textarea');
  const page = await openWindow(stage);
  await askIn(page, stage, 'mixed-end');
  await untilLetters(page, LAST_TENTH);
  const busy = await typeInto(page, 'textarea');
  await idlePage.context().close();
  await page.context().close();
  const [p95, idleP95] = [share(busy, 0.95), share(idle, 0.95)];
  yield { what: 'a key → its paint, p95', value: p95, unit: 'ms', atMost: 50, idle: idleP95 };
  yield {
    what: 'a key → its paint, longest',
    value: Math.max(...busy),
    unit: 'ms',
    atMost: 200,
    idle: Math.max(...idle),
  };
}

async function typeInto(page: Page, box: string): Promise<readonly number[]> {
  await page.locator(box).focus();
  await look(page);
  await page.keyboard.type('words of the next question '.repeat(3).slice(0, KEYS), { delay: BETWEEN_MS });
  await page.waitForTimeout(300);
  const { keys } = await look(page);
  return [...keys, ...Array.from({ length: KEYS - keys.length }, () => QUICKEST_MS)];
}
