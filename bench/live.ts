/** `npm run bench -- live`: what the live feed costs, with no reader, with one and with 32; and one while 500 streams run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { startGatewayProcess } from '../lab/gateway.ts';
import { type Server, startServer } from '../lab/server-process.ts';
import type { Call } from '../src/calls/call.ts';
import { createFeed } from '../src/observe/feed.ts';
import { median } from './compare/figures.ts';
import { toHead, toLine } from './compare/table.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { plainCallsAtRate } from './load.ts';

const ROUNDS = 5;
const CALLS = 20_000_000;
const RATE = 200;
const SECONDS = 6;
const STREAMS = 500;
const READERS = 32;
/** A feed goes on for ten seconds after its last reader. */
const LINGER_MS = 10_500;

const dispatcher = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 });
const upstream = await startServer('upstream', './upstream.ts', ['50', '100000']);
const start = (): Promise<Server> => startGatewayProcess(gatewaySettings(upstream.url));
const [read, unread] = [await start(), await start()];

/** Opens readers that take all they get; what it returns lets them go. */
async function openReaders(url: string, count: number): Promise<() => Promise<void>> {
  const gone = new AbortController();
  for (let at = 0; at < count; at++) {
    const { body } = await request(`${url}/v1/live`, { dispatcher, signal: gone.signal });
    body.on('error', () => undefined).resume();
  }
  return async () => {
    gone.abort();
    if (count > 0) await sleep(LINGER_MS);
  };
}

/** What telling the feed of an ended call takes while nothing is read: too little to be seen beside a call. */
function unreadCallUs(): number {
  const feed = createFeed(() => performance.now());
  const call = {} as Call;
  const startedAt = performance.now();
  for (let count = 0; count < CALLS; count++) feed.callEnded(call);
  return ((performance.now() - startedAt) * 1000) / CALLS;
}

async function cpuSeconds(server: Server, work: () => Promise<unknown>): Promise<number> {
  const before = server.cpuSeconds();
  await work();
  return server.cpuSeconds() - before;
}

/** In turns, after a round that only warms up: the share of a core that the gateway takes, without readers and with them. */
async function row(
  what: string,
  readers: number,
  work: (url: string) => Promise<unknown>,
  unit: number,
): Promise<string> {
  const close = await openReaders(read.url, readers);
  const [without, with_]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const plain = await cpuSeconds(unread, () => work(unread.url));
    const told = await cpuSeconds(read, () => work(read.url));
    if (round === 0) continue;
    without.push(plain * unit);
    with_.push(told * unit);
  }
  await close();
  const [base, cost] = [median(without), median(with_)];
  return toLine([what, String(readers), base.toFixed(1), cost.toFixed(1), (cost - base).toFixed(1)]);
}

const atRate = (url: string): Promise<unknown> =>
  plainCallsAtRate(url, 'bench', { perSecond: RATE, count: RATE * SECONDS, headers: {} });

/** Opens streams that run on; what it returns lets them go. */
async function openStreams(url: string): Promise<() => void> {
  const gone = new AbortController();
  const messages = [{ role: 'user', content: 'Hello' }];
  const body = JSON.stringify({ model: 'bench', messages, stream: true });
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', dispatcher, signal: gone.signal, headers, body } as const;
  const open = async (): Promise<void> => {
    const answer = await request(`${url}/v1/chat/completions`, init);
    answer.body.on('error', () => undefined).resume();
  };
  await Promise.all(Array.from({ length: STREAMS }, open));
  return () => gone.abort();
}

try {
  process.stdout.write(toHead(['', 'readers', 'without', 'with', 'the feed']));
  process.stdout.write(toLine(['a call, µs', '0', '', '', unreadCallUs().toFixed(4)]));
  for (const readers of [1, READERS])
    process.stdout.write(await row(`${RATE} calls/s, % of a core`, readers, atRate, 100 / SECONDS));
  const streams = [await openStreams(read.url), await openStreams(unread.url)];
  const wait = (): Promise<unknown> => sleep(SECONDS * 1000);
  process.stdout.write(await row(`${STREAMS} streams, % of a core`, 1, wait, 100 / SECONDS));
  for (const close of streams) close();
} finally {
  for (const server of [upstream, read, unread]) server.stop();
}
process.exit(0);
