/** `npm run bench -- cancel`: from the DELETE to the provider's closed socket, over a thousand cancels. */
import { cpus } from 'node:os';
import { Agent, request } from 'undici';
import { startGatewayProcess } from '../lab/gateway.ts';
import { startServer } from '../lab/server-process.ts';
import { toHead, toLine } from './compare/table.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { percentile } from './load.ts';

const COUNT = 1000;
const PHASES = [
  ['head', 'waits for the head'],
  ['first-token', 'waits for the first token'],
  ['stream', 'streams'],
  ['whole', 'reads a whole answer'],
] as const;
type Phase = (typeof PHASES)[number][0];
/** What users are promised, and what the 99th percentile should stay under. Milliseconds. */
const PROMISE_MS = 300;
const GOAL_MS = 50;

const dispatcher = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 });
const upstream = await startServer('endless upstream', './endless.ts');
const gateway = await startGatewayProcess(gatewaySettings(upstream.url));

/** One call, cancelled in this phase; the milliseconds until its provider's socket was closed. */
async function cancelOne(phase: Phase, id: string): Promise<number> {
  const caller = call(phase, id);
  await get(`${upstream.url}/arrived/${id}`);
  if (phase === 'stream') await untilStreaming(id);
  const sentAt = process.hrtime.bigint();
  const { statusCode, body } = await request(`${gateway.url}/v1/requests/${id}`, { method: 'DELETE', dispatcher });
  await body.dump();
  if (statusCode !== 200) throw new Error(`DELETE was answered with HTTP ${statusCode}.`);
  const closedAt = BigInt(await get(`${upstream.url}/closed/${id}`));
  const told = await caller;
  if (!told.includes('"request_cancelled"')) throw new Error(`The cancelled caller got: ${told.slice(-300)}`);
  return Number(closedAt - sentAt) / 1e6;
}

/** The cancelled caller, and what it was told. */
async function call(phase: Phase, id: string): Promise<string> {
  const messages = [{ role: 'user', content: `${phase} ${id}` }];
  const { body } = await request(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-request-id': id },
    body: JSON.stringify({ model: 'bench', stream: phase !== 'whole', messages }),
    dispatcher,
  });
  return body.text();
}

async function untilStreaming(id: string): Promise<void> {
  for (;;) if ((await get(`${gateway.url}/v1/requests/${id}`)).includes('"state":"streaming"')) return;
}

async function get(url: string): Promise<string> {
  return (await request(url, { dispatcher })).body.text();
}

async function measure(phase: Phase, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = 0; number < count; number++) times.push(await cancelOne(phase, `${phase}-${number}-${count}`));
  return times;
}

function toRow(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const figures = [0.5, 0.95, 0.99, 1].map((share) => percentile(sorted, share).toFixed(2));
  const verdict = percentile(sorted, 0.99) <= GOAL_MS ? 'yes' : 'NO';
  return toLine([name, times.length, ...figures, `${GOAL_MS} ms: ${verdict}`, `${PROMISE_MS} ms`]);
}

try {
  const [cpu] = cpus();
  process.stdout.write(
    `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}; milliseconds from the DELETE to the provider's closed socket\n\n` +
      toHead(['a call that', 'cancels', 'p50', 'p95', 'p99', 'longest', 'goal for p99', 'promise']),
  );
  // Warms both up, and is not counted.
  for (const [phase] of PHASES) await measure(phase, 20);
  const all: number[] = [];
  for (const [phase, name] of PHASES) {
    const times = await measure(phase, COUNT / PHASES.length);
    process.stdout.write(toRow(name, times));
    all.push(...times);
  }
  process.stdout.write(toRow('**all**', all));
} finally {
  for (const server of [upstream, gateway]) server.stop();
}
process.exit(0);
