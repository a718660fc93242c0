import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { type RequestsAnswer, requestsOf } from '../support/requests.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';
import { buildRecord, NOON } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

const DEMO =
  'server: { drain: 0ms }\nproviders: { demo: { kind: demo } }\nrescue: off\nbreaker: { failures: 1000 }\n' +
  'retry: { max_retries: 1, initial_delay: 1ms, budget: 10 }\n';
const KEYS =
  'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }, { name: ops, key: key-o, admin: true }] }\n';

const STORES = [
  ['log', () => `usage: { path: "${join(temporaryFolder(), 'usage.db')}" }\n`],
  ['memory', () => 'usage: { store: none }\n'],
] as const;

async function ask(gateway: TestGateway, key: string, id: string, body: object): Promise<void> {
  const response = await gateway.chat(body, { headers: { authorization: `Bearer ${key}`, 'x-request-id': id } });
  await response.text();
}

/** One after the other: a plain call, one that failed twice, one of another key. */
async function askThree(gateway: TestGateway): Promise<void> {
  await ask(gateway, 'key-a', 'plain', { model: 'demo', stream: true });
  await ask(gateway, 'key-a', 'failed', { model: 'demo:500' });
  await ask(gateway, 'key-b', 'other', { model: 'demo' });
}

function idsOf({ body }: RequestsAnswer): string[] {
  return (body.data ?? []).map(({ id }) => id);
}

describe.each(STORES)('GET /v1/requests?state=ended from the %s', (source, usage) => {
  it('lists ended calls as request objects, with cost and attempts, the newest first', async () => {
    const gateway = await runGateway(DEMO + KEYS + usage());
    await askThree(gateway);
    const { body } = await requestsOf(gateway, 'key-a').list('?state=ended');
    expect(body).toMatchObject({ object: 'list', has_more: false, next_cursor: null, source });
    expect(body.data).toMatchObject([
      {
        id: 'failed',
        key: 'a',
        state: 'failed',
        status: 502,
        attempt_count: 2,
        error: { code: 'upstream_error' },
        attempts: [
          { number: 1, failure: { kind: 'server', status: 500 } },
          { number: 2, failure: { kind: 'server', status: 500 } },
        ],
      },
      {
        id: 'plain',
        object: 'request',
        state: 'completed',
        status: 200,
        model: 'demo',
        provider: 'demo',
        requested_model: 'demo',
        route: 'model',
        stream: true,
        attempt_count: 1,
        usage_source: 'provider',
        cost_usd: 0,
        error: null,
      },
    ]);
  });

  it('filters by id, model, provider, outcome, error_code, slower_than_ms, time and key', async () => {
    const gateway = await runGateway(DEMO + KEYS + usage());
    await askThree(gateway);
    const { list } = requestsOf(gateway, 'key-o');
    const found = async (query: string) => idsOf(await list(`?state=ended&all=true&${query}`));
    expect(await found('')).toEqual(['other', 'failed', 'plain']);
    expect(await found('id=failed')).toEqual(['failed']);
    expect(await found('id=unknown')).toEqual([]);
    expect(await found('model=demo:500')).toEqual(['failed']);
    expect(await found('provider=demo&outcome=completed')).toEqual(['other', 'plain']);
    expect(await found('outcome=failed')).toEqual(['failed']);
    expect(await found('error_code=upstream_error')).toEqual(['failed']);
    expect(await found('error_code=upstream_timeout')).toEqual([]);
    expect(await found('slower_than_ms=600000')).toEqual([]);
    expect(await found('slower_than_ms=0')).toHaveLength(3);
    expect(await found('to=2020-01-01')).toEqual([]);
    expect(await found('from=2020-01-01')).toHaveLength(3);
    expect(await found('key=b')).toEqual(['other']);
  });

  it('finds a call by the model that was asked for and by the one that answered', async () => {
    const fallback = 'models:\n  broken: { provider: demo, upstream: "demo:500", fallbacks: [demo] }\n';
    const gateway = await runGateway(DEMO + KEYS + fallback + usage());
    await ask(gateway, 'key-a', 'rescued', { model: 'broken' });
    await ask(gateway, 'key-a', 'plain', { model: 'demo' });
    const { list } = requestsOf(gateway, 'key-a');
    const found = async (query: string) => idsOf(await list(`?state=ended&${query}`));
    expect(await found('model=broken')).toEqual(['rescued']);
    expect(await found('model=demo')).toEqual(['plain', 'rescued']);
    expect(await found('answered_by=broken')).toEqual([]);
    expect(await found('answered_by=demo')).toEqual(['plain', 'rescued']);
    expect(await found('unknown_cost=true')).toEqual([]);
  });

  it('has the estimated usage of an answer that was cut short', async () => {
    const gateway = await runGateway(DEMO + usage());
    const leave = new AbortController();
    const body = { model: 'demo:stall', stream: true };
    const response = await gateway.chat(body, { headers: { 'x-request-id': 'left' }, signal: leave.signal });
    await response.body?.getReader().read();
    leave.abort();
    const listed = async () => (await requestsOf(gateway).list('?state=ended')).body.data?.[0];
    await expect
      .poll(listed, { timeout: 10_000 })
      .toMatchObject({ id: 'left', state: 'cancelled', usage_source: 'estimate' });
    const call = await listed();
    expect(call?.usage?.prompt_tokens).toBeGreaterThan(0);
    expect(call?.usage?.completion_tokens).toBe(call?.completion_tokens);
    expect(call).toMatchObject({ wasted_tokens: 0, wasted_cost_usd: 0 });
  });

  it('pages with limit and after, and new calls do not move the pages', async () => {
    const gateway = await runGateway(DEMO + KEYS + usage());
    for (let number = 1; number <= 5; number++) await ask(gateway, 'key-a', `call-${number}`, { model: 'demo' });
    const { list } = requestsOf(gateway, 'key-a');
    const pages: string[][] = [];
    let answer = await list('?state=ended&limit=2');
    for (; answer.body.has_more; answer = await list(`?state=ended&limit=2&after=${answer.body.next_cursor}`)) {
      pages.push(idsOf(answer));
      await ask(gateway, 'key-a', `new-${pages.length}`, { model: 'demo' });
    }
    expect([...pages, idsOf(answer)]).toEqual([['call-5', 'call-4'], ['call-3', 'call-2'], ['call-1']]);
  });

  it('shows a key its own calls, and an admin those of other keys on demand', async () => {
    const gateway = await runGateway(DEMO + KEYS + usage());
    await askThree(gateway);
    expect(idsOf(await requestsOf(gateway, 'key-b').list('?state=ended'))).toEqual(['other']);
    expect(idsOf(await requestsOf(gateway, 'key-o').list('?state=ended'))).toEqual([]);
    for (const query of ['all=true', 'key=b']) {
      const answer = await requestsOf(gateway, 'key-a').list(`?state=ended&${query}`);
      expect(answer).toMatchObject({ status: 403, code: 'route_not_allowed' });
    }
  });
});

it('GET /v1/requests?state=ended after a restart reads the usage log, which names what it does not keep', async () => {
  const path = join(temporaryFolder(), 'usage.db');
  const config = `${DEMO}usage: { path: "${path}" }\n`;
  const first = await runGateway(config);
  await ask(first, '', 'failed', { model: 'demo:500' });
  await ask(first, '', 'plain', { model: 'demo' });
  await first.stop();
  const { body } = await requestsOf(await runGateway(config)).list('?state=ended');
  expect(body.data).toMatchObject([
    { id: 'plain', route: null, stream: null, resumable: null, attempt_count: 1, attempts: [], error: null },
    {
      id: 'failed',
      route: null,
      attempt_count: 2,
      attempts: [{ number: 1, upstream: null, failure: { kind: 'server' } }, { number: 2 }],
    },
  ]);
  expect(body.data?.[0]?.usage?.total_tokens).toBeGreaterThan(0);
  const [attempt] = body.data?.[1]?.attempts ?? [];
  expect(body.data?.[1]?.error).toEqual({ code: 'upstream_error', message: attempt?.failure?.message });
  const db = openSqliteFile(path, true);
  expect(db.prepare('SELECT count(*) AS kept FROM attempts').get()).toEqual({ kept: 2 });
  db.close();
});

it('GET /v1/requests?state=ended shows each call of a request id that was used again with its own route', async () => {
  const path = join(temporaryFolder(), 'usage.db');
  const store = await openUsage(path);
  await store.append([buildRecord({ id: 'again', key: 'anonymous', created: NOON - 7, model: 'older' })]);
  await store.close();
  const gateway = await runGateway(`${DEMO}usage: { path: "${path}", keep: 36500d }\n`);
  await ask(gateway, '', 'again', { model: 'demo' });
  const { body } = await requestsOf(gateway).list('?state=ended');
  expect(body.data?.map(({ model, route }) => [model, route]).sort()).toEqual([
    ['demo', 'model'],
    ['older', null],
  ]);
});

it('GET /v1/requests?state=ended answers 503 when the usage log (SQLite) cannot be read', async () => {
  const gateway = await runGateway(`${DEMO}${KEYS}usage: { path: "${temporaryFolder()}" }\n`);
  expect(await requestsOf(gateway, 'key-a').list('?state=ended')).toMatchObject({
    status: 503,
    code: 'usage_unavailable',
  });
});

it.each([
  ['state', 'open'],
  ['error_code', 'Not a code'],
  ['slower_than_ms', '1.5'],
  ['slower_than_ms', '-1'],
  ['unknown_cost', 'yes'],
  ['outcome', 'running'],
  ['from', 'yesterday'],
  ['model', 'm'.repeat(257)],
  ['limit', '1001'],
  ['after', 'x'],
  ['modle', 'x'],
])('a %s of %s is refused with 400', async (param, value) => {
  const gateway = await runGateway(`${DEMO}usage: { store: none }\n`);
  const query = param === 'state' ? '' : 'state=ended&';
  const answer = await requestsOf(gateway).list(`?${query}${param}=${encodeURIComponent(value)}`);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param } } });
});
