import { Agent, request } from 'undici';

const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const messages = [
  { role: 'system', content: 'You are a helpful assistant that answers in one short sentence.' },
  { role: 'user', content: 'Which words does the bench upstream know?' },
];

export interface Latency {
  /** Milliseconds, sorted. */
  readonly firstByteMs: readonly number[];
  readonly totalMs: readonly number[];
}

/** `count` plain calls, `concurrency` at a time. */
export function plainCalls(url: string, model: string, count: number, concurrency: number): Promise<Latency> {
  return run(count, concurrency, () => call(url, { model, messages }));
}

/** `count` streams, `concurrency` at a time. */
export function streams(url: string, model: string, count: number, concurrency: number): Promise<Latency> {
  return run(count, concurrency, () => call(url, { model, messages, stream: true }));
}

interface Timing {
  readonly firstByteMs: number;
  readonly totalMs: number;
}

async function run(count: number, concurrency: number, one: () => Promise<Timing>): Promise<Latency> {
  const timings: Timing[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) timings.push(await one());
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const sorted = (pick: (timing: Timing) => number): number[] => timings.map(pick).sort((a, b) => a - b);
  return { firstByteMs: sorted((timing) => timing.firstByteMs), totalMs: sorted((timing) => timing.totalMs) };
}

async function call(url: string, chat: { stream?: boolean; model: string; messages: unknown }): Promise<Timing> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(chat),
    dispatcher,
  });
  let firstByteMs = 0;
  let last = '';
  for await (const bytes of body as AsyncIterable<Buffer>) {
    if (firstByteMs === 0) firstByteMs = performance.now() - startedAt;
    last = bytes.toString('utf8');
  }
  // A bench that measures errors measures nothing.
  const isWhole = chat.stream ? last.includes('[DONE]') || last.includes('STOP') : last.endsWith('}');
  if (statusCode !== 200 || !isWhole) throw new Error(`HTTP ${statusCode}, ends with: ${last.slice(-300)}`);
  return { firstByteMs, totalMs: performance.now() - startedAt };
}

/** The value below which the given share of a sorted list lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
