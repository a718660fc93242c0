/** `npm run bench -- limits`: what limits and a budget of a key and its organisation cost its calls, beside a key without. */

import { startGatewayProcess } from '../lab/gateway.ts';
import { startServer } from '../lab/server-process.ts';
import { median } from './compare/figures.ts';
import { toHead, toLine } from './compare/table.ts';
import { type Headers, plainCalls, streams } from './load.ts';

const EVENTS = 100;
const ROUNDS = 40;
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
    - { name: governed, key: the-key-with-limits-, org: acme, ${LIMITS} }
orgs: { acme: { ${LIMITS} } }
providers: { chat: { kind: openai-compatible, base_url: ${upstream.url}/v1 } }
models:
  bench: { provider: chat, prices: [{ input: 1, output: 10 }] }
`);

const FREE = { authorization: 'Bearer the-key-without-limits' };
const GOVERNED = { authorization: 'Bearer the-key-with-limits-' };

type Work = (headers: Headers) => Promise<unknown>;

async function cpuUs(units: number, work: () => Promise<unknown>): Promise<number> {
  const before = gateway.cpuSeconds();
  await work();
  return ((gateway.cpuSeconds() - before) * 1e6) / units;
}

/** Both in turns, and each first as often as the other. */
async function row(what: string, units: number, work: Work): Promise<string> {
  const without: number[] = [];
  const within: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const isFirst = round % 2 === 0;
    const first = await cpuUs(units, () => work(isFirst ? FREE : GOVERNED));
    const second = await cpuUs(units, () => work(isFirst ? GOVERNED : FREE));
    if (round < 0) continue;
    without.push(isFirst ? first : second);
    within.push(isFirst ? second : first);
  }
  const ratio = median(within) / median(without);
  return toLine([what, median(without).toFixed(1), median(within).toFixed(1), `${((ratio - 1) * 100).toFixed(1)} %`]);
}

try {
  process.stdout.write(toHead(['per', 'CPU µs without', 'with limits', 'more']));
  const plain: Work = (headers) => plainCalls(gateway.url, 'bench', PLAIN_CALLS, 8, headers);
  const stream: Work = (headers) => streams(gateway.url, 'bench', STREAMS, 8, headers);
  process.stdout.write(await row('plain call', PLAIN_CALLS, plain));
  process.stdout.write(await row('stream of 100 chunks', STREAMS, stream));
} finally {
  for (const server of [upstream, gateway]) server.stop();
}
process.exit(0);
