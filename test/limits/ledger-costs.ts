import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Ledger } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { modelScope, type Scope } from '../../src/limits/scope.ts';
import { ask, budget, ORG, START, UNLIMITED, USD } from './ledgers.ts';

// Prints what a ledger costs: bytes of open reservations, of idle keys and of those that are gone, steps of a call with few keys and with many.

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

function keyScope(key: number): Scope {
  return { id: `key:${key.toString(16).padStart(64, '0')}`, role: 'key', model: null };
}

/** A ledger with so many keys of one organisation, and the scopes of a call of each. */
function create(keys: number): { readonly ledger: Ledger; readonly chains: readonly (readonly Scope[])[] } {
  const ledger = createMemoryLedger(() => START);
  void ledger.change(ORG.id, { version: 0, limits: LIMITS });
  const chains = Array.from({ length: keys }, (_, key) => {
    const scope = keyScope(key);
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

/**
 * How often the statements of the ledger run for so many calls, block by block: with each of these numbers of keys. To be asked
 * before anything else: blocks are counted in what is compiled from then on.
 */
async function countSteps(numbers: readonly number[]): Promise<readonly number[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const steps = [];
  for (const keys of numbers) {
    const made = create(keys);
    // The counts begin anew with each taking.
    await session.post('Profiler.takePreciseCoverage');
    await run(made, CALLS);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ours = result.filter(({ url }) => url.includes('/src/limits/'));
    const ranges = ours.flatMap(({ functions }) => functions.flatMap((block) => block.ranges));
    steps.push(ranges.reduce((sum, { count }) => sum + count, 0));
  }
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  return steps;
}

/** Bytes that are left of keys that have called, each with limits for a model, and were forgotten after that. */
async function bytesOfForgotten(): Promise<number> {
  const ledger = createMemoryLedger(() => START);
  const before = heapBytes();
  for (let key = 0; key < KEYS; key++) {
    const scopes = [keyScope(key), modelScope(keyScope(key), 'demo')];
    for (const { id } of scopes) await ledger.change(id, { version: 0, limits: LIMITS });
    await ledger.reserve(`call_${key}`, scopes, ask(USD / 100, 2500));
    await ledger.settle(`call_${key}`, { nano: USD / 200, tokens: 2000, cachedTokens: 0 });
  }
  for (let key = 0; key < KEYS; key++) await ledger.forget(keyScope(key).id);
  const bytes = heapBytes() - before;
  const known = await ledger.read([keyScope(0).id]);
  return known[0] === null ? bytes : Number.NaN;
}

const steps = await countSteps([2, KEYS]);
const goneBytes = await bytesOfForgotten();
const empty = heapBytes();
const many = create(KEYS);
const withKeys = heapBytes();
await reserve(many, OPEN);
const withCalls = heapBytes();
process.stdout.write(JSON.stringify({ keyBytes: withKeys - empty, openBytes: withCalls - withKeys, goneBytes, steps }));
