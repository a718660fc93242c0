import type { Page } from 'playwright-core';
import type { Row } from './row.ts';
import { askAgain, askIn, openWindow, type Stage, untilLetters } from './stage.ts';

/** Of 20,000 tokens each. */
const ANSWERS = 8;
const WHOLE = 60_000;

/** The heap of a window that has shown one answer after the other, each in a conversation of its own. */
export async function* measureMemory(stage: Stage): AsyncGenerator<Row> {
  const page = await openWindow(stage);
  await answerIn(page, stage);
  const shown = await heapOf(page);
  const first = await heapWithout(page);
  let last = first;
  for (let count = 1; count < ANSWERS; count++) {
    await answerIn(page, stage);
    last = await heapWithout(page);
  }
  await page.context().close();
  yield { what: 'heap that an answer of 20,000 tokens takes while it is shown', value: shown - first, unit: 'MB' };
  yield { what: 'heap of a new chat after one answer', value: first, unit: 'MB' };
  yield { what: `heap of a new chat after ${ANSWERS} answers`, value: last, unit: 'MB', atMost: 60, idle: first };
  yield { what: 'kept of each answer more', value: (last - first) / (ANSWERS - 1), unit: 'MB', atMost: 0.5 };
}

async function answerIn(page: Page, stage: Stage): Promise<void> {
  if (page.url() === 'about:blank') await askIn(page, stage, 'mixed-fast');
  else await askAgain(page);
  await untilLetters(page, WHOLE);
  await page.getByRole('button', { name: 'Branch', exact: true }).waitFor();
}

async function heapWithout(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByText('What would you like to know?').waitFor();
  return heapOf(page);
}

/** After the garbage is collected, in MB. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1e6;
}
