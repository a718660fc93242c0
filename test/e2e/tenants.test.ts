import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { named, requestsOf, TWO_KEYS } from '../support/requests.ts';
import { stopTime } from '../support/still-time.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { buildRecords } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

// One tenant must not move the others.

const SILENT = /never answer/;
/** The default of `timeouts.response`. */
const RESPONSE_MS = 30_000;

/** A provider that answers everybody but who asks for what it never answers. */
async function runMoody(): Promise<{ upstream: TestUpstream; gateway: TestGateway }> {
  const upstream = await runUpstream(chatCompletion('Hi'));
  upstream.answer(({ body }) => (SILENT.test(JSON.stringify(body)) ? { isSilent: true } : chatCompletion('Hi')));
  const config = configFor(upstream.url, TWO_KEYS).replace('breaker: { failures: 100000 }', 'breaker: { failures: 3 }');
  return { upstream, gateway: await runGateway(config) };
}

async function ask(gateway: TestGateway, key: string, content: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await gateway.chat({ messages: [{ role: 'user', content }] }, { headers });
  await response.text();
  return response.status;
}

/** Calls of one key, all at once, that time out. */
async function askInVain(upstream: TestUpstream, gateway: TestGateway, count: number): Promise<number[]> {
  const before = upstream.requests.length;
  stopTime();
  const statuses = Array.from({ length: count }, () => ask(gateway, 'key-a', 'never answer'));
  await upstream.request(before + count);
  vi.advanceTimersByTime(RESPONSE_MS);
  return Promise.all(statuses);
}

it('timeouts of one API key alone open no circuit breaker where another key succeeds', async () => {
  const { upstream, gateway } = await runMoody();
  expect(await ask(gateway, 'key-b', 'Hello')).toBe(200);
  expect(await askInVain(upstream, gateway, 8)).toEqual(Array(8).fill(504));
  // Asked first: the only target is asked even while it is open, and a success would close it.
  expect(await breakerOf(gateway)).toBe('closed');
  expect(await ask(gateway, 'key-b', 'Hello')).toBe(200);
  upstream.release();
});

it('timeouts of one API key open the circuit breaker where no other key has succeeded', async () => {
  const { upstream, gateway } = await runMoody();
  expect(await askInVain(upstream, gateway, 3)).toEqual(Array(3).fill(504));
  expect(await breakerOf(gateway)).toBe('open');
  upstream.release();
});

it('a thousand calls of one API key leave the ended calls of another in /v1/requests', async () => {
  const { gateway } = await runMoody();
  const asNamed = (id: string, key: string) => gateway.chat({}, named(id, { authorization: `Bearer ${key}` }));
  for (let number = 1; number <= 5; number++) await (await asNamed(`mine-${number}`, 'key-a')).text();
  const round = async (): Promise<void> => {
    for (let number = 0; number < 110; number++) await ask(gateway, 'key-b', 'Hello');
  };
  await Promise.all(Array.from({ length: 10 }, round));
  const mine = requestsOf(gateway, 'key-a');
  for (let number = 1; number <= 5; number++) expect((await mine.one(`mine-${number}`)).status).toBe(200);
});

it('many usage sums (GET /v1/usage) of one API key do not hold up other keys, and are cancelled when their client disconnects', async () => {
  const path = join(temporaryFolder(), 'usage.db');
  const store = await openUsage(path);
  await store.append(buildRecords(30_000, { key: 'a' }));
  await store.close();
  const gateway = await runGateway(
    `providers: { demo: { kind: demo } }\n${TWO_KEYS}usage: { path: "${path}", keep: 36500d }\n`,
  );
  const sum = async (key: string, signal?: AbortSignal): Promise<number> => {
    const init = { headers: { authorization: `Bearer ${key}` }, ...(signal && { signal }) };
    return (await fetch(`${gateway.url}/v1/usage?group_by=day,model`, init)).status;
  };
  let answered = 0;
  const gone = new AbortController();
  const left = Array.from({ length: 20 }, () => sum('key-a', gone.signal).catch(() => 'gone'));
  const many = Array.from({ length: 20 }, async () => {
    expect(await sum('key-a')).toBe(200);
    answered++;
  });
  gone.abort();
  expect(await sum('key-b')).toBe(200);
  expect(answered).toBeLessThan(20);
  expect(new Set(await Promise.all(left))).toEqual(new Set(['gone']));
  await Promise.all(many);
});

async function breakerOf({ url }: TestGateway): Promise<unknown> {
  const response = await fetch(`${url}/v1/router/choose`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-b' },
    body: JSON.stringify({ model: 'm', message: 'Hello' }),
  });
  const { candidates } = (await response.json()) as { candidates: readonly { breaker: unknown }[] };
  return candidates[0]?.breaker;
}
