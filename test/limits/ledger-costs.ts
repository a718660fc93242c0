import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Ledger } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import type { Scope } from '../../src/limits/scope.ts';
import { ask, budget, ORG, START, UNLIMITED, USD } from './ledgers.ts';

// Prints what a ledger costs: bytes of open reservations and of idle keys, steps of a call with few keys and with many.

const LIMITS = { ...UNLIMITED, rpm: 1e6, tpm: 1e9, concurrency: 1e6, budget: budget('hard', { day: 1e5, month: 1e6 }) };
const OPEN = 50_000;
const KEYS = 10_000;
const CALLS = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** A ledger with so many keys of one organisation, and the scopes of a call of each. */
function create(keys: number): { readonly ledger: Ledger; readonly chains: readonly (readonly Scope[])[] } {
  const ledger = createMemoryLedger(() => START);
  void ledger.change(ORG.id, { version: 0, limits: LIMITS });
  const chains = Array.from({ length: keys }, (_, key) => {
    const scope: Scope = { id: `key:${key.toString(16).padStart(64, '0')}`, role: 'key', model: null };
    void ledger.change(scope.id, { version: 0, limits: LIMITS });
    return [scope, ORG];
  });
  return { ledger, chains };
}

async function reserve({ ledger, chains }: ReturnType<typeof create>, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const answer = await ledger.reserve(
      `k${call % 7}/req_${call}`,
      chains[call % chains.length] ?? [],
      ask(USD / 100, 2500),
    );
    if (answer.outcome !== 'admitted') throw new Error(JSON.stringify(answer));
  }
}

async function run(made: ReturnType<typeof create>, calls: number): Promise<void> {
  await reserve(made, calls);
  for (let call = 0; call < calls; call++) {
    await made.ledger.settle(`k${call % 7}/req_${call}`, { nano: USD / 200, tokens: 2000, cachedTokens: 0 });
  }
}

/** How often the statements of the ledger run while the work is done, block by block. */
async function countSteps(work: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ours = result.filter(({ url }) => url.includes('/src/limits/'));
  const ranges = ours.flatMap(({ functions }) => functions.flatMap((block) => block.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

const empty = heapBytes();
const many = create(KEYS);
const withKeys = heapBytes();
await reserve(many, OPEN);
const withCalls = heapBytes();
const steps = [];
for (const keys of [2, KEYS]) {
  const made = create(keys);
  steps.push(await countSteps(() => run(made, CALLS)));
}
process.stdout.write(JSON.stringify({ keyBytes: withKeys - empty, openBytes: withCalls - withKeys, steps }));
