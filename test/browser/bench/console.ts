/**
 * `npm run bench:console`: what the console is like to use, in a real browser on a real gateway, as a Markdown table for
 * docs/performance.md. Names of figures choose some: `npm run bench:console -- stop thread`.
 */
import { cpus, loadavg } from 'node:os';
import { toHead } from '../../../bench/compare/table.ts';
import { lineOf, type Row } from './row.ts';
import { openStage, type Stage } from './stage.ts';

type Measure = (stage: Stage) => AsyncIterable<Row>;

const FIGURES: Readonly<Record<string, () => Promise<Measure>>> = {
  stream: async () => (await import('./stream.ts')).measureStream,
  shapes: async () => (await import('./shapes.ts')).measureShapes,
  typing: async () => (await import('./typing.ts')).measureTyping,
  stop: async () => (await import('./stop.ts')).measureStop,
  thread: async () => (await import('./thread.ts')).measureThread,
  views: async () => (await import('./views.ts')).measureViews,
  memory: async () => (await import('./memory.ts')).measureMemory,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in FIGURES));
if (unknown.length > 0) {
  process.stderr.write(`There is no figure ${unknown.join(', ')}. There are ${Object.keys(FIGURES).join(', ')}.\n`);
  process.exit(2);
}

const stage = await openStage();
try {
  const [cpu] = cpus();
  const machine = `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores; Node ${process.version}`;
  const busy = `load average ${loadavg()[0]?.toFixed(1)} before the run`;
  process.stdout.write(`${machine}; Chromium ${stage.browser.version()}; ${busy}.\n\n`);
  process.stdout.write(toHead(['', 'measured (goal)', 'beside it']));
  for (const [name, load] of Object.entries(FIGURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for await (const row of (await load())(stage)) process.stdout.write(lineOf(row));
  }
} finally {
  await stage.close();
}
process.exit(0);
