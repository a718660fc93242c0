import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { chatError, QUICK } from '../support/fallback-pair.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const KEYS = ['first-secret-key', 'second-secret-key', 'third-secret-key'];

interface Setup {
  readonly upstream: TestUpstream;
  readonly gateway: TestGateway;
  /** The keys that were used, by their number. */
  used(): number[];
}

/** A provider with three keys; these fail so, by their number. */
async function start(faults: Readonly<Record<number, UpstreamAnswer>>, rest = ''): Promise<Setup> {
  const upstream = await runUpstream();
  const numberOf = (headers: Readonly<Record<string, unknown>>): number =>
    1 + KEYS.indexOf(String(headers['authorization']).replace('Bearer ', ''));
  upstream.answer(({ headers, body }) => {
    const isStream = (body as { stream?: boolean }).stream === true;
    return faults[numberOf(headers)] ?? (isStream ? chatStream('well') : chatCompletion('well'));
  });
  const keys = KEYS.map((key) => `"${key}"`).join(', ');
  const gateway = await runGateway(
    `providers: { p: { kind: openai-compatible, base_url: "${upstream.url}/v1", api_keys: [${keys}] } }\n` +
      `models: { m: { provider: p } }\npassthrough: { default: p }\n${QUICK}${rest}`,
  );
  return { upstream, gateway, used: () => upstream.requests.map(({ headers }) => numberOf(headers)) };
}

async function statuses({ gateway }: Setup, count: number, body: object = {}): Promise<number[]> {
  const found: number[] = [];
  for (let call = 0; call < count; call++) {
    const response = await gateway.chat(body);
    await response.text();
    found.push(response.status);
  }
  return found;
}

const REVOKED = chatError(401, 'invalid_api_key');

describe('several API keys of a provider (key pool)', () => {
  it('are used in rotation (round robin)', async () => {
    const setup = await start({});
    expect(await statuses(setup, 4)).toEqual([200, 200, 200, 200]);
    expect(setup.used()).toEqual([1, 2, 3, 1]);
  });

  it.each<[string, UpstreamAnswer]>([
    ['401', REVOKED],
    ['402', chatError(402, 'payment_required')],
    ['403', chatError(403, 'forbidden')],
    ['429', chatError(429, 'rate_limit_exceeded', { 'retry-after': '300' })],
    ['429 of the money kind', chatError(429, 'insufficient_quota')],
  ])('replace one that fails with %s, at once, and let it rest', async (_name, fault) => {
    const setup = await start({ 1: fault });
    // The five minutes that the provider asks for would be longer than the test may take.
    expect(await statuses(setup, 3, { stream: true })).toEqual([200, 200, 200]);
    expect(setup.used()).toEqual([1, 2, 3, 2]);
  });

  it("are each tried once when all fail, and the client gets the provider's error", async () => {
    const setup = await start({ 1: REVOKED, 2: REVOKED, 3: REVOKED });
    const response = await setup.gateway.chat({});
    expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([502, '3']);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_unauthorized' } });
    expect(setup.used()).toEqual([1, 2, 3]);
  });

  it('do not count as retries of the call', async () => {
    const busy = chatError(429, 'rate_limit_exceeded', { 'retry-after-ms': '20' });
    const setup = await start({ 1: busy, 2: busy, 3: busy });
    expect(await statuses(setup, 1)).toEqual([429]);
    expect(setup.used()).toHaveLength(5);
  });

  it('keep the circuit breaker closed as long as one of them works', async () => {
    const setup = await start({ 1: REVOKED, 2: REVOKED }, 'breaker: { failures: 1 }\n');
    expect(await statuses(setup, 3)).toEqual([200, 200, 200]);
    expect(setup.used()).toEqual([1, 2, 3, 3, 3]);
  });

  it('are logged by their number alone', async () => {
    const setup = await start({ 1: REVOKED });
    await statuses(setup, 1);
    await expect.poll(() => setup.gateway.log.join()).toContain('"msg":"call"');
    const lines = setup.gateway.log.join('\n');
    expect(lines).toContain('"provider_key":"1 of 3"');
    for (const key of KEYS) expect(lines).not.toContain(key);
  });

  it('keep their rest (cooldown) after a reload', async () => {
    const setup = await start({ 1: REVOKED });
    await statuses(setup, 1);
    const { config } = setup.gateway.snapshot();
    await setup.gateway.reload(() => config);
    await statuses(setup, 2);
    expect(setup.used()).toEqual([1, 2, 3, 2]);
  });

  it('serve passthrough requests, the same one as long as it works', async () => {
    const setup = await start({ 1: REVOKED });
    const list = async (): Promise<number> => (await fetch(`${setup.gateway.url}/v1/files`)).status;
    expect([await list(), await list(), await list()]).toEqual([502, 200, 200]);
    expect(setup.used()).toEqual([1, 2, 2]);
  });
});
