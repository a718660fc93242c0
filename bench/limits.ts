/** `npm run bench -- limits`: what limits and a budget of a key and its organisation cost its calls, beside a key without. */

import { startGatewayProcess } from '../lab/gateway.ts';
import { startServer } from '../lab/server-process.ts';
import { trimmedMean } from './compare/figures.ts';
import { toHead, toLine } from './compare/table.ts';
import { type Headers, plainCalls, streams } from './load.ts';

const EVENTS = 100;
/** Of so many the mean of the same work twice is within 2 % of itself. */
const ROUNDS = 128;
/** What only governed calls pass is compiled that late: with 6 rounds a third of what limits seemed to cost was V8's compiler. */
const WARM_UP = 60;
const PLAIN_CALLS = 500;
const STREAMS = 50;

const upstream = await startServer('upstream', './upstream.ts', ['0', String(EVENTS)]);
const LIMITS =
  'limits: { rpm: 100000000, tpm: 100000000000, concurrency: 100000 }, budget: { day: 1000000, month: 9000000 }';
// One process for both: one is up to a tenth cheaper or dearer than the next, for its life.
const gateway = await startGatewayProcess(`auth:
  keys:
    - { name: free, key: the-key-without-limits }
    - { name: alike, key: another-key-without- }
    - { name: governed, key: the-key-with-limits-, org: acme, ${LIMITS} }
orgs: { acme: { ${LIMITS} } }
providers: { chat: { kind: openai-compatible, base_url: ${upstream.url}/v1 } }
models:
  bench: { provider: chat, prices: [{ input: 1, output: 10 }] }
`);

const FREE = { authorization: 'Bearer the-key-without-limits' };
const ALIKE = { authorization: 'Bearer another-key-without-' };
const GOVERNED = { authorization: 'Bearer the-key-with-limits-' };

type Work = (headers: Headers) => Promise<unknown>;

async function cpuUs(units: number, work: () => Promise<unknown>): Promise<number> {
  const before = gateway.cpuSeconds();
  await work();
  return ((gateway.cpuSeconds() - before) * 1e6) / units;
}

/**
 * Both in turns, and which of them first by the sequence of Thue and Morse: with each first in every second round a garbage
 * collection after every fourth piece of work met always the same one, and two keys without limits differed by a seventh.
 */
async function row(what: string, units: number, work: Work, headers: Headers): Promise<string> {
  const without: number[] = [];
  const within: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const isFirst = hasEvenBits(round);
    const first = await cpuUs(units, () => work(isFirst ? FREE : headers));
    const second = await cpuUs(units, () => work(isFirst ? headers : FREE));
    if (round < WARM_UP) continue;
    without.push(isFirst ? first : second);
    within.push(isFirst ? second : first);
  }
  const [before, after] = [trimmedMean(without, 0.1), trimmedMean(within, 0.1)];
  return toLine([what, before.toFixed(1), after.toFixed(1), `${((after / before - 1) * 100).toFixed(1)} %`]);
}

/** Whether an even number of its bits is set. */
function hasEvenBits(number: number): boolean {
  return number === 0 || (number % 2 === 0) === hasEvenBits(number >> 1);
}

try {
  process.stdout.write(toHead(['per', 'CPU µs without', 'with', 'more']));
  const plain: Work = (headers) => plainCalls(gateway.url, 'bench', PLAIN_CALLS, 8, headers);
  const stream: Work = (headers) => streams(gateway.url, 'bench', STREAMS, 8, headers);
  for (const [what, units, work] of [
    ['plain call', PLAIN_CALLS, plain],
    ['stream of 100 chunks', STREAMS, stream],
  ] as const) {
    process.stdout.write(await row(`${what}, another key without limits`, units, work, ALIKE));
    process.stdout.write(await row(`${what}, a key with limits`, units, work, GOVERNED));
  }
} finally {
  for (const server of [upstream, gateway]) server.stop();
}
process.exit(0);
