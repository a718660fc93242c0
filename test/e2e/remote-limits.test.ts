import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { openGateway } from '../support/gateway.ts';
import { askedFor, createRemoteProvider, type RemoteProvider } from '../support/remote-provider.ts';
import { nativeEvents, nativeMessage, nativeStream } from '../support/responses-upstream.ts';
import { clientOf, type StoredClient } from '../support/stored.ts';

interface LimitedRemote {
  readonly provider: RemoteProvider;
  readonly client: StoredClient;
  /** What the key has spent and what is held, in USD. */
  spent(): Promise<{ usage: unknown; held: unknown }>;
  /** What the last call on record cost, and who says so. */
  cost(): Promise<unknown>;
}

/** A key with this budget, before a provider that keeps what it answers for 1 and 10 USD per million tokens. */
async function openLimited(budget: string): Promise<LimitedRemote> {
  const provider = await createRemoteProvider();
  const gateway = await openGateway(
    `auth: { keys: [{ name: a, key: key-a, budget: ${budget} }] }\n` +
      `providers:\n  ai: { kind: openai, base_url: "${provider.url}/v1", api_key: k1, responses: theirs }\n` +
      'models:\n  m: { provider: ai, upstream: gpt-6, prices: [{ input: 1, output: 10 }] }\n' +
      `database: { url: "sqlite:${makeTemporaryFolder('remote')}/s.db" }\nusage: { store: sqlite }\nserver: { drain: 0ms }\nretry: { max_retries: 0 }\n`,
  );
  onTestFinished(async () => {
    await gateway.close();
    await provider.close();
  });
  const read = async (path: string) => {
    const response = await fetch(`${gateway.url}/v1/${path}`, { headers: { authorization: 'Bearer key-a' } });
    return recordOf(await response.json());
  };
  return {
    provider,
    client: clientOf(gateway.url, 'key-a'),
    async spent() {
      const { usage, held } = recordOf((await read('key'))['data']);
      return { usage, held };
    },
    async cost() {
      const [last] = recordsOf((await read('usage/records?limit=1'))['data']);
      return [last?.['cost_usd'], last?.['cost_source']];
    },
  };
}

describe('a budget and answers that their provider keeps', () => {
  it('counts what runs there in the background for all that was set aside: what it comes to is never told', async () => {
    const { client, provider, spent, cost } = await openLimited('{ day: 0.02 }');
    const asked = { input: 'one', background: true, max_output_tokens: 1500 };
    const first = await client.create(asked);
    expect([first.status, await spent(), await cost()]).toEqual([
      200,
      { usage: 0.015006, held: 0 },
      [0.015006, 'estimate'],
    ]);
    const second = await client.create(asked);
    expect([second.status, second.error['code']]).toEqual([402, 'budget_exceeded']);
    expect(provider.kept('k1')).toHaveLength(1);
  });

  it('counts a stream of it so that breaks off, as it goes on there', async () => {
    const { client, provider, spent } = await openLimited('{ day: 1 }');
    const events = nativeEvents([nativeMessage('The sea is wide.')]).slice(0, 5);
    for (const background of [true, false]) {
      provider.instead(nativeStream(events));
      await client.create({ input: 'one', background, stream: true, max_output_tokens: 1500 });
    }
    // The prompt, and of the second one what was told.
    const { usage } = await spent();
    expect(usage).toBeGreaterThan(0.015006);
    expect(usage).toBeLessThan(0.0152);
  });

  it('counts what is told for what it is, and nothing where the provider refused', async () => {
    const { client, provider, spent } = await openLimited('{ day: 1 }');
    expect((await client.create({ input: 'one', max_output_tokens: 1500 })).status).toBe(200);
    // 20 tokens and 5.
    expect(await spent()).toEqual({ usage: 0.00007, held: 0 });
    provider.instead({ status: 400, body: '{"error":{"message":"No.","code":null,"param":null}}' });
    expect((await client.create({ input: 'one', background: true })).status).toBe(400);
    expect(await spent()).toEqual({ usage: 0.00007, held: 0 });
  });

  it('makes an answer shorter there, too', async () => {
    const { client, provider } = await openLimited('{ day: 0.008 }');
    const { status, headers } = await client.create({ input: 'one' });
    expect([status, headers.get('x-sluice-clamped')]).toEqual([200, 'max_tokens=799']);
    expect(askedFor(provider)).toEqual({ model: 'gpt-6', input: 'one', max_output_tokens: 799 });
    await client.create({ input: 'two', max_output_tokens: 700 });
    expect(askedFor(provider)).toEqual({ model: 'gpt-6', input: 'two', max_output_tokens: 700 });
  });
});
