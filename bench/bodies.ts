/**
 * `npm run bench -- bodies`: bodies within `server.body_limit` that were made to hurt, or are large and good, sent to a
 * gateway in a process of its own, over every path that reads JSON. For each: status, CPU time of the longest turn of the
 * event loop, and the most memory above what was before. Further words choose bodies by their names.
 */
import { cpus } from 'node:os';
import { startServer } from '../lab/server-process.ts';
import { BODIES, type HostileBody } from './bodies/bodies.ts';
import { PATHS, startWatched, type Watched } from './bodies/watched.ts';
import { median } from './compare/figures.ts';
import { toTable } from './compare/table.ts';

const ROUNDS = 3;
const MB = 1024 * 1024;

/** What is promised: of a turn, and of memory, for bodies so small that ten times their size is less than the floor. */
const GOAL_MS = 100;
const GOAL_TIMES = 10;
const FLOOR_BYTES = 64 * MB;

const words = process.argv.slice(3);
const chosen = BODIES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const upstream = await startServer('provider', './bodies/upstream.ts');

/** One row: the figures of each path, medians of three rounds on a fresh process. */
async function rowOf(body: HostileBody): Promise<string[]> {
  let gateway = await startWatched(upstream.url);
  const cells: string[] = [];
  let size = 0;
  for (const path of PATHS) {
    const bytes = Buffer.from(body.text(path.model));
    size = bytes.length;
    const readings: Awaited<ReturnType<Watched['send']>>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const reading = await gateway.send(path, bytes);
      readings.push(reading);
      if (reading.status !== null) continue;
      gateway.stop();
      gateway = await startWatched(upstream.url);
      break;
    }
    cells.push(toCell(body.isGood && path.model !== 'demo', bytes.length, readings));
  }
  gateway.stop();
  return [body.name, (size / MB).toFixed(1), ...cells];
}

/** @param mustPass true for what has to be answered; the demo model has a small window */
function toCell(mustPass: boolean, size: number, readings: Awaited<ReturnType<Watched['send']>>[]): string {
  const status = readings.at(-1)?.status ?? null;
  if (status === null) return `no answer in 30 s, or the process ended ✗`;
  const turnMs = median(readings.map(({ longestTurnMs }) => longestTurnMs));
  const peakBytes = median(readings.map(({ peakBytes }) => peakBytes));
  const isKept =
    turnMs <= GOAL_MS &&
    peakBytes <= Math.max(FLOOR_BYTES, GOAL_TIMES * size) &&
    status < 500 &&
    (!mustPass || status === 200);
  return `${status} · ${turnMs.toFixed(0)} ms · ${(peakBytes / MB).toFixed(0)} MB ${isKept ? '✓' : '✗'}`;
}

const rows: string[][] = [];
for (const body of chosen) {
  process.stderr.write(`${body.name}\n`);
  rows.push(await rowOf(body));
}
process.stdout.write(
  `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.version}; status · CPU time of the longest turn of the event ` +
    `loop · memory above what was before; medians of ${ROUNDS}. Kept (✓): at most ${GOAL_MS} ms, and at most ` +
    `${GOAL_TIMES} times the size, or ${FLOOR_BYTES / MB} MB where that is less.\n\n`,
);
process.stdout.write(toTable(['a body', 'MB', ...PATHS.map(({ name }) => name)], rows));
upstream.stop();
process.exit(0);
