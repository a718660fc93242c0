import { expect, it } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { named, requestsOf, TWO_KEYS } from '../support/requests.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

// One tenant must not move the others.

const SILENT = /never answer/;

/** A provider that answers everybody but who asks for what it never answers. */
async function runMoody(): Promise<{ upstream: TestUpstream; gateway: TestGateway }> {
  const upstream = await runUpstream(chatCompletion('Hi'));
  upstream.answer(({ body }) => (SILENT.test(JSON.stringify(body)) ? { isSilent: true } : chatCompletion('Hi')));
  const config = configFor(upstream.url, TWO_KEYS).replace('breaker: { failures: 100000 }', 'breaker: { failures: 3 }');
  const gateway = await runGateway(`${config}timeouts: { first_token: 30ms, response: 30ms }\n`);
  return { upstream, gateway };
}

async function ask(gateway: TestGateway, key: string, content: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await gateway.chat({ messages: [{ role: 'user', content }] }, { headers });
  await response.text();
  return response.status;
}

it('timeouts of one key alone open no breaker where another succeeds', async () => {
  const { upstream, gateway } = await runMoody();
  expect(await ask(gateway, 'key-b', 'Hello')).toBe(200);
  for (let count = 0; count < 8; count++) expect(await ask(gateway, 'key-a', 'never answer')).toBe(504);
  expect(await ask(gateway, 'key-b', 'Hello')).toBe(200);
  expect(await breakerOf(gateway)).toBe('closed');
  upstream.release();
});

it('timeouts of one key open it where nobody else has succeeded', async () => {
  const { upstream, gateway } = await runMoody();
  for (let count = 0; count < 3; count++) expect(await ask(gateway, 'key-a', 'never answer')).toBe(504);
  expect(await breakerOf(gateway)).toBe('open');
  upstream.release();
});

it('a thousand calls of one key leave the ended calls of another where they are', async () => {
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

async function breakerOf({ url }: TestGateway): Promise<unknown> {
  const response = await fetch(`${url}/v1/router/choose`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-b' },
    body: JSON.stringify({ model: 'm', message: 'Hello' }),
  });
  const { candidates } = (await response.json()) as { candidates: readonly { breaker: unknown }[] };
  return candidates[0]?.breaker;
}
