import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { OnBatch } from '../../src/protocol/delta.ts';
import { Tally } from '../../src/protocol/tally.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { runExchange } from '../../src/upstream/exchange.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { askedOf } from '../support/asked.ts';
import { chatStream } from '../support/chat-answers.ts';
import { load } from '../support/config-files.ts';
import { configFor } from '../support/gateway.ts';
import { buildProviders } from '../support/provider.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const WHOLE = chatStream('Hello');
const BROKEN = { ...WHOLE, body: String(WHOLE.body).replace('data: [DONE]', 'data: {"error":{"message":"no"}}') };

/** Reads a stream of a provider. */
async function read(answer: UpstreamAnswer, onBatch: OnBatch): Promise<void> {
  const { url } = await runUpstream(answer);
  const config = load(configFor(url));
  const { request } = askedOf({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true });
  const target = createRegistry(config, buildProviders(config)).find('m').targets[0] ?? expect.unreachable();
  const { facts, policy } = target;
  const provider = { ...target.provider, baseUrl: `${url}/v1` };
  const dialect = provider.chooseDialect(request, facts);
  const { client } = createUpstream(Date.now);
  const message = dialect.request(request, facts);
  const { signal } = new AbortController();
  const { timeouts } = policy;
  const sent = { client, apiKey: null, provider, facts, dialect, message, timeouts, request, signal };
  return runExchange({ ...sent, tally: new Tally(), now: Date.now }, onBatch);
}

it.each([
  ['all that there is', WHOLE],
  ['an error', BROKEN],
])('a client that is full, and leaves when the last read has brought %s, is no bug', async (_what, answer) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const full = Promise.withResolvers<void>();
  let batches = 0;
  const ended = read(answer, () => (batches++ === 0 ? full.promise : undefined));
  if (answer === WHOLE) await ended;
  else await expect(ended).rejects.toThrow('no');
  expect(batches).toBeGreaterThan(0);
  full.reject(new Error('The client has left.'));
  await nextTurn();
  expect(unhandled).toEqual([]);
});
