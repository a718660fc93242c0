import { look } from './probe.ts';
import { type Row, share } from './row.ts';
import { askIn, openWindow, type Stage, untilLetters } from './stage.ts';

const SHAPES = { fence: 'one fence', list: 'one list', table: 'one table' } as const;
/** Where nineteen twentieths are there, less what marks of markdown are not shown. */
const NEAR_END = 45_000;
const WATCHED_MS = 3500;

/** The shapes that are hardest to draw, at their end: a block of 20,000 tokens that still grows. */
export async function* measureShapes(stage: Stage): AsyncGenerator<Row> {
  for (const [model, what] of Object.entries(SHAPES)) {
    const page = await openWindow(stage);
    await askIn(page, stage, model);
    await untilLetters(page, NEAR_END);
    const before = await look(page);
    await page.waitForTimeout(WATCHED_MS);
    const { flushes, longTasks, gaps, tookMs } = await look(page);
    await page.context().close();
    const flushed = flushes.reduce((sum, ms) => sum + ms, 0);
    const longest = Math.max(0, ...before.longTasks, ...longTasks);
    yield { what: `${what} of 20,000 tokens`, value: (gaps.length * 1000) / tookMs, unit: 'frames/s' };
    yield { what: `${what}, a flush, p95`, value: share(flushes, 0.95), unit: 'ms' };
    yield { what: `${what}, flushes of the time`, value: (100 * flushed) / tookMs, unit: '%', atMost: 25 };
    yield { what: `${what}, longest task`, value: longest, unit: 'ms', atMost: 200 };
  }
}
