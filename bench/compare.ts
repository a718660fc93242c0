/**
 * `npm run bench`: Sluice beside a bare proxy and, where they are installed, nginx and Portkey, in turns, each on one
 * core; Markdown tables for docs/performance.md. `quick`: cost and latency alone, in a minute. `cost`, `latency`,
 * `ladder` and `footprint` choose parts.
 */
import { cpus, loadavg } from 'node:os';
import { startServer } from '../lab/server-process.ts';
import type { Candidate, Subject } from './compare/candidate.ts';
import { measureCost, readPaced } from './compare/cost.ts';
import { measureFootprint } from './compare/footprint.ts';
import { measureLadder } from './compare/ladder.ts';
import { measureLatency } from './compare/latency.ts';
import { FULL, type Ground, PACE_MS, QUICK, type Size } from './compare/settings.ts';
import { direct, findCandidates } from './compare/subjects.ts';
import { plainCalls, streams } from './load.ts';
import { type Cores, pinSelf, splitCores } from './pinning.ts';

const PARTS: Readonly<Record<string, (ground: Ground) => Promise<string>>> = {
  cost: measureCost,
  latency: measureLatency,
  ladder: measureLadder,
  footprint: measureFootprint,
};

const words = process.argv.slice(2);
const size = words.includes('quick') ? QUICK : FULL;
const chosen = Object.keys(PARTS).filter((part) => words.includes(part));
const parts = chosen.length > 0 ? chosen : size === QUICK ? ['cost', 'latency'] : Object.keys(PARTS);

const [loadBefore = 0] = loadavg();
const cores = splitCores();
if (cores) pinSelf(cores.driver);
const upstream = await startServer('upstream', './upstream.ts', [String(PACE_MS), '100']);
const { found, missing } = findCandidates();
const subjects: Subject[] = [];

const ground: Ground = {
  size,
  cores,
  upstream,
  direct: direct(upstream),
  candidates: found,
  subjects,
  renew,
  progress: (text) => void process.stderr.write(`${text}\n`),
};

/** One line: on what, how, and against whom. */
function heading(
  candidates: Iterable<Candidate>,
  { processes, rounds, plainRounds, pacedRounds }: Size,
  pinned: Cores | null,
): string {
  const [cpu] = cpus();
  const where = pinned
    ? `each server alone on core ${pinned.server}, upstream and load generator on ${pinned.driver}`
    : 'NOT pinned to cores (one core only, or no taskset)';
  const titles = [...candidates].map(({ title }) => title).filter((title) => / \d/.test(title));
  const busy = `load average ${loadBefore.toFixed(1)} before the run`;
  const amount =
    `${processes} processes of each; medians of ${processes * rounds} rounds, ` +
    `${processes * plainRounds} of plain calls, ${processes * pacedRounds} of paced streams`;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores: ${where}`;
  return `${[machine, `Node ${process.version}`, ...titles, amount, busy, day].join('; ')}.\n\n`;
}

async function renew(): Promise<void> {
  for (const { server } of subjects.splice(0)) server.stop();
  for (const candidate of found.values()) subjects.push(await candidate.start(upstream.url, cores?.server ?? null));
  await warmUp();
}

/**
 * What is measured here is not counted. A server that runs for weeks sees plain calls and streams in turns, and V8 throws
 * away what it had compiled for the one when it meets the other, until it has seen both a few times: after one turn of
 * each a plain call cost a fifth more than after several.
 */
async function warmUp(): Promise<void> {
  for (let round = 1; round <= size.warmUpRounds; round++) {
    ground.progress(`warming up, round ${round} of ${size.warmUpRounds}`);
    for (const subject of [ground.direct, ...subjects]) await warmUpOne(subject);
    for (const model of ['bench', 'bench-gemini']) {
      await Promise.all(subjects.map((subject) => readPaced(subject, model, size.warmUpWords)));
    }
  }
}

async function warmUpOne({ server, headers, geminiHeaders }: Subject): Promise<void> {
  await plainCalls(server.url, 'bench', size.warmUpCalls, 8, headers);
  await streams(server.url, 'bench-burst', size.warmUpStreams, 8, headers);
  await streams(server.url, 'bench-gemini-burst', size.warmUpStreams, 8, geminiHeaders);
}

process.stdout.write(heading(found.values(), size, cores));
for (const line of missing) process.stdout.write(`${line}\n\n`);
await renew();
for (const part of parts) process.stdout.write((await PARTS[part]?.(ground)) ?? '');
process.exit(0);
