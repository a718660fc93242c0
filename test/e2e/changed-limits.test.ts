import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ACCESS_ENGINES } from '../support/access.ts';
import { chatStream } from '../support/chat-answers.ts';
import { runGateway } from '../support/gateway.ts';
import { runGoverned } from '../support/governed.ts';
import { askOf, makeKeyElsewhere } from '../support/managed.ts';
import { runUpstream } from '../support/upstream.ts';

/** Once a change is known, running calls are told of it at once; a busy machine may be late. */
const TOLD_MS = 1000;
/** A token costs a hundred thousandth of a USD, and 1,024 are set aside at first. */
const PRICES = '[{ input: 1, output: 10 }]';
const LONG = chatStream(...Array.from({ length: 1500 }, () => ' a word.'));

describe.each(ACCESS_ENGINES)('the limits of a running stream, on %s', (_engine, isSkipped, createUrl) => {
  /** A stream of a key that stops in its middle, and two gateways at one database. */
  async function openStream(limits: object) {
    const url = await createUrl();
    const upstream = await runUpstream();
    const provider = `{ kind: openai-compatible, base_url: "${upstream.url}/v1", api_key: k }`;
    const config =
      `providers: { up: ${provider} }\nmodels: { m: { provider: up, prices: ${PRICES} } }\n` +
      `database: { url: ${JSON.stringify(url)} }\nserver: { drain: 0ms }\ntimeouts: { idle: 20s }\n`;
    const bossKey = await makeKeyElsewhere(url);
    const [one, other] = [await runGateway(config), await runGateway(config)];
    const made = await askOf(one.url, bossKey)('POST', '/v1/keys', { name: 'a', ...limits });
    upstream.answer({ ...LONG, pieceBytes: 4000, stallAfterBytes: 20_000 });
    const running = await fetch(`${one.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(made.body['key'])}` },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    const path = `/v1/keys/${String(made.data['hash'])}`;
    return {
      /** Resolves when it holds for the running stream. */
      async change(isElsewhere: boolean, body: { limit: number; on_exhausted?: string }): Promise<void> {
        const changed = await askOf((isElsewhere ? other : one).url, bossKey)('PATCH', path, body);
        expect(changed.status).toBe(200);
        const ownKey = askOf(one.url, String(made.body['key']));
        await expect.poll(async () => (await ownKey('GET', '/v1/key')).data['limit']).toBe(body.limit);
        await wait(TOLD_MS);
      },
      async end(): Promise<string> {
        upstream.release();
        return running.text();
      },
    };
  }

  describe.skipIf(isSkipped).each([
    ['this process', false],
    ['another process', true],
  ])('changed by %s', (_name, isElsewhere) => {
    it('end it where the budget was lowered, and no call of the key comes after that', async () => {
      const { change, end } = await openStream({ limit: 1, on_exhausted: 'finish' });
      await change(isElsewhere, { limit: 0.001, on_exhausted: 'cut' });
      const text = await end();
      expect(text).toContain('"budget_exceeded"');
      expect(text).not.toContain('[DONE]');
    });

    it('let it go on where the budget was raised', async () => {
      const { change, end } = await openStream({ limit: 0.0125, on_exhausted: 'cut' });
      await change(isElsewhere, { limit: 1 });
      expect(await end()).toContain('[DONE]');
    });
  });
});

describe('the limits of a running stream of a key of the file', () => {
  it('are those of a configuration that was loaded meanwhile', async () => {
    const { upstream, gateway, post } = await runGoverned({ budget: '{ day: 1, on_exhausted: finish }' });
    upstream.answer({ ...LONG, pieceBytes: 4000, stallAfterBytes: 20_000 });
    const running = post({ stream: true });
    await upstream.request(1);
    const { config } = gateway.snapshot();
    const keys = config.keys.map((key) => {
      return key.budget === null ? key : { ...key, budget: { ...key.budget, day: 0.001, onExhausted: 'cut' as const } };
    });
    await gateway.reload(() => ({ ...config, keys }));
    upstream.release();
    expect((await running).code).toBe('budget_exceeded');
  });
});
