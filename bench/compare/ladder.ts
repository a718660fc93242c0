import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../../lab/server-process.ts';
import { percentile, streamBody } from '../load.ts';
import { type PacedLoad, readStreams } from '../paced-streams.ts';
import { NAMES, type Subject } from './candidate.ts';
import { countStalls, sorted } from './figures.ts';
import { type Ground, PACE_MS } from './settings.ts';
import { toFigure, toTable } from './table.ts';

const RUNGS = [64, 128, 256, 512, 768, 1024];
/** Where servers are compared. */
const COMPARED_AT = 512;
const WORDS = 150;
/** The starts are spread over so many milliseconds. */
const START_MS = 1000;
const STALL_MS = 10 * PACE_MS;
const MAX_ERROR_SHARE = 0.001;
/** Others use the machine too: one that fails gets another chance. */
const TRIES = 3;

interface Rung {
  readonly isCarried: boolean;
  readonly cpuShare: number;
  readonly gapP99Ms: number;
}

/** The streams that the ladder, and the measure of memory, ask for. */
export function ladderLoad({ server, headers }: Subject, count: number): PacedLoad {
  return { url: server.url, headers, body: streamBody('bench', WORDS), count, staggerMs: START_MS / count };
}

/** How many streams of 50 tokens a second a server carries without a stall. */
export async function measureLadder(ground: Ground): Promise<string> {
  const limit = await climb(ground.direct, ground);
  const gapMs = toFigure(limit.compared?.gapP99Ms, 0);
  const rows = [['upstream and load generator alone', String(limit.carried), '-', gapMs]];
  for (const name of NAMES) {
    const subject = ground.subjects.find((candidate) => candidate.name === name);
    rows.push(subject ? toRow(name, await climb(subject, ground), limit.carried) : [name, '-', '-', '-']);
  }
  const head = [
    'streams of 50 tokens/s on one core',
    `carried without a stall of ${STALL_MS} ms`,
    `CPU at ${COMPARED_AT} streams`,
    `gap p99 at ${COMPARED_AT} streams, ms (sent every ${PACE_MS})`,
  ];
  const note =
    `≥: more could not be shown: upstream and load generator carry ${limit.carried} by themselves, and ${RUNGS.at(-1)} were ` +
    'the most that were tried. At 100 % CPU words still arrive, but late and several at a time.';
  return `${toTable(head, rows)}${note}\n\n`;
}

interface Climb {
  readonly carried: number;
  readonly compared: Rung | undefined;
}

function toRow(name: string, { carried, compared }: Climb, limit: number): string[] {
  const share = compared === undefined ? '-' : `${toFigure(compared.cpuShare * 100, 0)} %`;
  return [name, `${carried >= limit ? '≥ ' : ''}${carried}`, share, toFigure(compared?.gapP99Ms, 0)];
}

async function climb(subject: Subject, { progress }: Ground): Promise<Climb> {
  let carried = 0;
  let compared: Rung | undefined;
  for (const count of RUNGS) {
    const rung = await tryRung(subject, count, progress);
    if (count === COMPARED_AT) compared = rung;
    if (!rung.isCarried) break;
    carried = count;
  }
  return { carried, compared };
}

async function tryRung(subject: Subject, count: number, progress: Ground['progress']): Promise<Rung> {
  let rung = await runRung(subject, count, progress);
  for (let tries = 1; tries < TRIES && !rung.isCarried; tries++) rung = await runRung(subject, count, progress);
  return rung;
}

async function runRung(subject: Subject, count: number, progress: Ground['progress']): Promise<Rung> {
  const running = readStreams(ladderLoad(subject, count));
  await sleep(START_MS);
  const cpuShare = await cpuShareOf(subject.server);
  const results = await running;
  const whole = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stalls = whole.reduce((sum, { gapsMs }) => sum + countStalls(gapsMs, STALL_MS), 0);
  const errors = count - whole.length;
  const cpu = `${(cpuShare * 100).toFixed(0)} % CPU`;
  progress(`${subject.name}, ${count} streams: ${stalls} stalls, ${errors} errors, ${cpu}`);
  const gapP99Ms = percentile(sorted(whole.flatMap(({ gapsMs }) => gapsMs)), 0.99);
  return { isCarried: stalls === 0 && errors / count < MAX_ERROR_SHARE, cpuShare, gapP99Ms };
}

/** While all streams run. */
async function cpuShareOf(server: Server): Promise<number> {
  const before = server.cpuSeconds();
  const startedAt = performance.now();
  await sleep(WORDS * PACE_MS - START_MS);
  return (server.cpuSeconds() - before) / ((performance.now() - startedAt) / 1000);
}
