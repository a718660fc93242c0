/**
 * `npm run soak`: an hour of mixed traffic at 20 calls a second, which is 72,000 calls, 64 at a time in a few minutes,
 * through a gateway in a process of its own; `npm run soak -- long`: a million calls, most of them plain, and
 * `-- short` for a look. Prints Markdown, and exits with 1 when a call did not end as it should or when something did not
 * return to where it began.
 *
 * What is kept on purpose is full before the first reading: the warm-up fills the thousand ended calls of the register
 * and the ten thousand of `/metrics/performance`, and has every kind of call. Each reading comes after a rest in which
 * idle connections are closed (the provider asks for two seconds) and streams that were left or are over are let go (eight seconds).
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { startGatewayProcess } from '../lab/gateway.ts';
import { startServer } from '../lab/server-process.ts';
import { toHead, toLine } from './compare/table.ts';
import { ANSWERS, PLAIN } from './soak/answers.ts';
import { FAULTS } from './soak/faults.ts';
import { LIFETIMES } from './soak/lifetimes.ts';
import { LOOKUPS } from './soak/lookups.ts';
import type { Counts, Reading } from './soak/reading.ts';
import { toKindTable, toVerdictTable } from './soak/report.ts';
import { KEPT_MS, toSettings } from './soak/settings.ts';
import type { Point } from './soak/slope.ts';
import { type Standing, takeStanding } from './soak/standing.ts';
import { createTraffic, type Traffic } from './soak/traffic.ts';
import { compare, compareRecords, judgeSlope } from './soak/verdict.ts';

interface Profile {
  readonly calls: number;
  /** By how much plain calls outweigh their share of the mix. */
  readonly plainness: number;
}

const HOUR: Profile = { calls: 72_000, plainness: 1 };
const PROFILES: Readonly<Record<string, Profile>> = {
  long: { calls: 1_000_000, plainness: 40 },
  short: { calls: 5000, plainness: 1 },
};
const SEED = 20_261_124;
/** Between two of them no call runs, and memory is read. */
const LEGS = 10;
const WARM_UP_EACH = 20;
const WARM_UP_MIX = 3000;
const WARM_UP_PLAIN = 10_000;
/** Until what was left is given up, and then no longer kept. */
const PAUSE_MS = 2 * KEPT_MS + 500;
const REST_MS = 7000;

const KINDS = [...ANSWERS, ...LIFETIMES, ...FAULTS, ...LOOKUPS];
const profile = PROFILES[process.argv[2] ?? ''] ?? HOUR;
const mix = KINDS.map((kind) => (PLAIN.includes(kind) ? { ...kind, share: kind.share * profile.plainness } : kind));

async function warmUp(traffic: Traffic): Promise<void> {
  await traffic.send(Array.from({ length: WARM_UP_EACH }, () => KINDS).flat());
  await traffic.mix(KINDS, WARM_UP_MIX);
  await traffic.mix(PLAIN, WARM_UP_PLAIN);
}

function expectedRecords({ tallies }: Traffic): Counts {
  const counts: Record<string, number> = {};
  for (const { name, outcome } of KINDS) {
    const { expected, unexpected } = tallies.get(name) ?? { expected: 0, unexpected: 0 };
    if (outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + expected + unexpected;
  }
  return counts;
}

/** What the gateway holds now. */
async function read(): Promise<Reading> {
  return (await gateway.ask(new URL(upstream.url).port)) as Reading;
}

/** No call runs, and streams that are over are let go. */
async function pause(): Promise<Reading> {
  await wait(PAUSE_MS);
  return read();
}

/** A pause first: what V8 gives back of its heap after a collection it gives back in its own time. */
async function rest(): Promise<Standing> {
  await pause();
  await wait(REST_MS);
  return takeStanding(await read(), gateway.url, upstream.url);
}

const print = (text: string): boolean => process.stdout.write(text);
const upstream = await startServer('provider', new URL('./soak/upstream.ts', import.meta.url));
const gateway = await startGatewayProcess(toSettings(upstream.url), {
  module: new URL('./soak/gateway.ts', import.meta.url),
  // Counting objects in the heap is experimental.
  flags: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
});
try {
  const [cpu] = cpus();
  print(`${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}, seed ${SEED}\n`);
  const traffic = createTraffic(gateway.url, SEED);
  await warmUp(traffic);
  const before = await rest();
  const [warmUpCalls, startedAt] = [traffic.calls, performance.now()];

  print(`\n${toHead(['calls after the warm-up', 'seconds', 'heap in use, MB', 'resident, MB'])}`);
  const heap: Point[] = [];
  for (let leg = 1; leg <= LEGS; leg++) {
    await traffic.mix(mix, profile.calls / LEGS);
    const { heapMb, rssMb } = await pause();
    const calls = traffic.calls - warmUpCalls;
    heap.push({ calls, mb: heapMb });
    const seconds = (performance.now() - startedAt) / 1000;
    print(toLine([calls, seconds.toFixed(0), heapMb.toFixed(2), rssMb.toFixed(0)]));
  }
  const after = await rest();

  const rows = [
    ...compare(before, after),
    judgeSlope(heap),
    ...compareRecords(expectedRecords(traffic), after.recorded),
  ];
  print(toKindTable(KINDS, traffic.tallies));
  print(toVerdictTable(rows));
  for (const surprise of traffic.surprises) print(`\nunexpected: ${surprise}\n`);
  const isGood = rows.every((row) => row.isGood) && traffic.surprises.length === 0;
  print(`\n${isGood ? 'Everything returns to where it began.' : 'Failed: see above.'}\n`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  for (const server of [upstream, gateway]) server.stop();
  await gateway.ended;
}
process.exit();
