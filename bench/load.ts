import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const messages = [
  { role: 'system', content: 'You are a helpful assistant that answers in one short sentence.' },
  { role: 'user', content: 'Which words does the bench upstream know?' },
];

/** Request headers. */
export type Headers = Readonly<Record<string, string>>;

export interface Latency {
  /** Milliseconds, sorted. */
  readonly firstByteMs: readonly number[];
  readonly totalMs: readonly number[];
}

/** `count` plain calls, `concurrency` at a time. */
export function plainCalls(
  url: string,
  model: string,
  count: number,
  concurrency: number,
  headers: Headers = {},
): Promise<Latency> {
  return run(count, concurrency, () => call(url, { model, messages }, headers));
}

/** `count` streams, `concurrency` at a time. */
export function streams(
  url: string,
  model: string,
  count: number,
  concurrency: number,
  headers: Headers = {},
): Promise<Latency> {
  return run(count, concurrency, () => call(url, { model, messages, stream: true }, headers));
}

/**
 * Plain calls at a fixed rate, whether or not the ones before are answered. Milliseconds from when each was due to its
 * last byte, sorted: a server that halts pays for every call that it kept waiting.
 */
export async function plainCallsAtRate(
  url: string,
  model: string,
  { perSecond, count, headers }: { perSecond: number; count: number; headers: Headers },
): Promise<readonly number[]> {
  const startedAt = performance.now();
  const one = async (_: unknown, index: number): Promise<number> => {
    const dueAt = startedAt + (index * 1000) / perSecond;
    // Timers come up to a millisecond early or late; the rest of the way is waited for awake.
    await sleep(Math.max(0, dueAt - performance.now() - 1));
    while (performance.now() < dueAt) await nextTurn();
    await call(url, { model, messages }, headers);
    return performance.now() - dueAt;
  };
  return (await Promise.all(Array.from({ length: count }, one))).sort((a, b) => a - b);
}

/** The body of a request for a stream of so many words. */
export function streamBody(model: string, words: number): string {
  return JSON.stringify({ model, messages, stream: true, max_tokens: words });
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

interface Chat {
  readonly stream?: boolean;
  readonly model: string;
  readonly messages: unknown;
}

async function call(url: string, chat: Chat, headers: Headers): Promise<Timing> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(chat),
    dispatcher,
  });
  let firstByteMs = 0;
  let tail = '';
  for await (const bytes of body as AsyncIterable<Buffer>) {
    if (firstByteMs === 0) firstByteMs = performance.now() - startedAt;
    tail = (tail + bytes.toString('utf8')).slice(-600);
  }
  // A bench that measures errors measures nothing.
  const isWhole = chat.stream ? isWholeStream(tail) : tail.endsWith('}');
  if (statusCode !== 200 || !isWhole) throw new Error(`HTTP ${statusCode}, ends with: ${tail.slice(-300)}`);
  return { firstByteMs, totalMs: performance.now() - startedAt };
}

/** Whether a stream that ends so was told to its end: in OpenAI's language, in Gemini's, or in Portkey's without DONE. */
export function isWholeStream(tail: string): boolean {
  return /data: \[DONE\]|"finish_?reason":"stop"/i.test(tail);
}

/** The value below which the given share of a sorted list lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
