import type { Page } from 'playwright-core';
import { watchIdlePage } from './idle-page.ts';
import { look, type Seen } from './probe.ts';
import { type Row, share } from './row.ts';
import { askIn, openWindow, type Stage, untilLetters } from './stage.ts';

/** A tenth of an answer takes 10 s, and its beginning is not yet what is measured. */
const TENTH_MS = 8000;
/** Where the last tenth begins, less what marks of markdown are not shown. */
const LAST_TENTH = 60_000;
const LONG_MS = 200;

/** An answer of 20,000 tokens while it comes at 200 a second: its first tenth and its last. */
export async function* measureStream(stage: Stage): AsyncGenerator<Row> {
  const idle = await watchIdlePage(stage, TENTH_MS);
  const page = await openWindow(stage);
  await askIn(page, stage, 'mixed');
  const first = await watch(page);
  await untilLetters(page, LAST_TENTH);
  await page.waitForTimeout(500);
  const between = await look(page);
  const last = await watch(page);
  await page.context().close();
  const longTasks = [first, between, last].flatMap((seen) => seen.longTasks.filter((ms) => ms > LONG_MS));
  yield* framesOf('200 tokens/s, last tenth of 20,000', last, idle, 0.95);
  yield { what: 'a flush, p50', value: share(last.flushes, 0.5), unit: 'ms' };
  yield { what: 'a flush, p95', value: share(last.flushes, 0.95), unit: 'ms', atMost: 4 };
  const ratio = share(last.flushes, 0.5) / share(first.flushes, 0.5);
  yield { what: 'a flush in the last tenth / in the first, p50', value: ratio, unit: '×', atMost: 1.5 };
  yield { what: `tasks over ${LONG_MS} ms in the whole answer`, value: longTasks.length, unit: 'tasks', atMost: 0 };
  yield* measureSlowed(stage);
}

const SLOWED = 4;

async function* measureSlowed(stage: Stage): AsyncGenerator<Row> {
  const idle = await watchIdlePage(stage, TENTH_MS / 2, SLOWED);
  const page = await openWindow(stage, SLOWED);
  await askIn(page, stage, 'mixed-end');
  await untilLetters(page, LAST_TENTH);
  const seen = await watch(page, TENTH_MS / 2);
  await page.context().close();
  yield* framesOf(`the last tenth, ${SLOWED} × slower`, seen, idle, 0.75);
  yield { what: `a flush, ${SLOWED} × slower, p95`, value: share(seen.flushes, 0.95), unit: 'ms', atMost: 16 };
}

function* framesOf(what: string, seen: Seen, idle: Seen, atLeast: number): Generator<Row> {
  yield { what, value: rateOf(seen), unit: 'frames/s', idle: rateOf(idle) };
  yield { what: `${what}, of the frames of the idle page`, value: rateOf(seen) / rateOf(idle), unit: '×', atLeast };
}

async function watch(page: Page, forMs = TENTH_MS): Promise<Seen> {
  await look(page);
  await page.waitForTimeout(forMs);
  return look(page);
}

function rateOf({ gaps, tookMs }: Seen): number {
  return (gaps.length * 1000) / tookMs;
}
