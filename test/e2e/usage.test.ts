import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRecord, type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { configFor, ONE_ATTEMPT, PROVIDER_KEY, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { ALL, buildRecord, NOON } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

const DEMO =
  'server: { drain: 0ms }\nproviders: { demo: { kind: demo } }\nretry: { max_retries: 0 }\nrescue: off\nbreaker: { failures: 1000 }\n';

function usageAt(path: string): string {
  return `usage: { path: "${path}" }\n`;
}

async function read(gateway: TestGateway, path: string, key = ''): Promise<JsonRecord> {
  const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });
  const body = (await response.json()) as JsonRecord;
  return { status: response.status, ...body };
}

/** Twenty calls each: whole, streamed, refused, cut, and left by their clients after the first words. */
async function askAHundred(gateway: TestGateway): Promise<void> {
  const whole = async (model: string, stream: boolean): Promise<void> => {
    await (await gateway.chat({ model, stream })).text();
  };
  const left = async (): Promise<void> => {
    const response = await gateway.chat({ model: 'demo:stall', stream: true });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
  };
  const round = (): Promise<unknown> =>
    Promise.all([whole('demo', false), whole('demo', true), whole('demo:500', true), whole('demo:cut', true), left()]);
  await Promise.all(Array.from({ length: 20 }, round));
}

describe('the usage log (SQLite)', () => {
  it('has the usage that a provider reported in a whole answer that failed', async () => {
    const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 2 };
    const failed = { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }], usageMetadata };
    const upstream = await runUpstream({ body: JSON.stringify(failed) });
    const provider = `providers: { g: { kind: gemini, base_url: "${upstream.url}", api_key: k } }\nmodels: { m: { provider: g } }\n`;
    const usage = usageAt(join(temporaryFolder(), 'usage.db'));
    const gateway = await runGateway(`${provider}server: { drain: 0ms }\n${ONE_ATTEMPT}${usage}`);
    expect((await gateway.chat({})).status).toBe(502);
    const { data } = await read(gateway, '/v1/usage/records');
    expect(recordsOf(data)[0]).toMatchObject({ outcome: 'failed', prompt_tokens: 7, completion_tokens: 2 });
  });

  it('has a record for each of a hundred mixed calls, failed and cancelled ones among them', async () => {
    const gateway = await runGateway(DEMO + usageAt(join(temporaryFolder(), 'usage.db')));
    await askAHundred(gateway);
    await expect.poll(async () => recordOf((await read(gateway, '/v1/usage'))['total'])['calls']).toBe(100);

    const sums = await read(gateway, '/v1/usage?group_by=model,outcome');
    const total = recordOf(sums['total']);
    expect(total).toMatchObject({ failed: 40, cancelled: 20, cost_usd: 0, calls_with_unknown_cost: 0 });
    const groups = recordsOf(sums['data']).map(({ model, outcome, calls }) => [model, outcome, calls]);
    expect(groups).toEqual([
      ['demo', 'completed', 40],
      ['demo:500', 'failed', 20],
      ['demo:cut', 'failed', 20],
      ['demo:stall', 'cancelled', 20],
    ]);
    const [, refused, cut, left] = recordsOf(sums['data']);
    expect(refused).toMatchObject({ prompt_tokens: 0, cost_usd: null });
    for (const group of [cut, left]) expect(Number(group?.['completion_tokens'])).toBeGreaterThan(0);

    const pages: JsonRecord[] = [];
    for (let after: unknown = ''; after !== null; after = pages.at(-1)?.['next_cursor']) {
      pages.push(await read(gateway, `/v1/usage/records?limit=30&after=${after}`));
    }
    expect(pages.map((page) => [recordsOf(page['data']).length, page['has_more']])).toEqual([
      [30, true],
      [30, true],
      [30, true],
      [10, false],
    ]);
    const records = pages.flatMap((page) => recordsOf(page['data']));
    expect(new Set(records.map(({ id }) => id)).size).toBe(100);
    expect(records.find(({ model }) => model === 'demo:stall')).toMatchObject({
      object: 'usage.record',
      outcome: 'cancelled',
      status: 499,
      error_code: 'client_closed',
      usage_source: 'estimate',
      cost_source: 'estimate',
    });
    const failed = await read(gateway, '/v1/usage/records?outcome=failed&model=demo:500&limit=1000');
    expect(recordsOf(failed['data'])).toHaveLength(20);
  });

  it('has the cost by the prices of the target, as the log line has', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const config = configFor(upstream.url).replace(
      'm-upstream,',
      'm-upstream, prices: [{ input: 1000, output: 2000 }],',
    );
    const gateway = await runGateway(config + usageAt(join(temporaryFolder(), 'usage.db')));
    await gateway.chat({});
    const { data } = await read(gateway, '/v1/usage/records');
    const cost = { prompt_tokens: 3, completion_tokens: 2, cost_usd: 0.007, cost_source: 'table' };
    expect(recordsOf(data)).toMatchObject([cost]);
    const lines = gateway.log.map((line) => JSON.parse(line) as JsonRecord);
    expect(lines.find(({ msg }) => msg === 'call')).toMatchObject(cost);
    expect(await read(gateway, '/v1/usage')).toMatchObject({ total: { cost_usd: 0.007 } });
  });

  it('has requested_model, user and metadata of the request; user and metadata are not logged', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const gateway = await runGateway(configFor(upstream.url) + usageAt(join(temporaryFolder(), 'usage.db')));
    const metadata = { team: 'search', long: 'v'.repeat(600), count: 7 };
    await gateway.chat({ model: 'm-alias', user: 'ann'.repeat(100), metadata });
    await gateway.chat({ model: 'm' });
    const records = recordsOf((await read(gateway, '/v1/usage/records'))['data']);
    expect(records).toMatchObject([
      { model: 'm', requested_model: 'm', user: null, metadata: null },
      {
        model: 'm',
        requested_model: 'm-alias',
        user: 'ann'.repeat(86).slice(0, 256),
        metadata: { team: 'search', long: 'v'.repeat(512) },
      },
    ]);
    expect(gateway.log.join()).not.toMatch(/search|annann/);
  });

  it('shows an API key its own calls, and an admin key all', async () => {
    const keys =
      'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }, { name: ops, key: key-o, admin: true }] }\n';
    const gateway = await runGateway(DEMO + keys + usageAt(join(temporaryFolder(), 'usage.db')));
    for (const key of ['key-a', 'key-a', 'key-b']) {
      await gateway.chat({ model: 'demo' }, { headers: { authorization: `Bearer ${key}` } });
    }
    const calls = async (query: string, key: string): Promise<unknown> =>
      recordOf((await read(gateway, `/v1/usage${query}`, key))['total'])['calls'];
    expect([await calls('', 'key-a'), await calls('', 'key-b'), await calls('', 'key-o')]).toEqual([2, 1, 3]);
    expect([await calls('?key=b', 'key-b'), await calls('?key=a', 'key-o')]).toEqual([1, 2]);
    const records = recordsOf((await read(gateway, '/v1/usage/records', 'key-b'))['data']);
    expect(records.map(({ key }) => key)).toEqual(['b']);
    expect(await read(gateway, '/v1/usage?key=a', 'key-b')).toMatchObject({ status: 400, error: { param: 'key' } });
    expect(await read(gateway, '/v1/usage', 'wrong')).toMatchObject({ status: 401 });
  });

  it('answers 400 to bad parameters and 405 to other methods', async () => {
    const gateway = await runGateway(DEMO + usageAt(join(temporaryFolder(), 'usage.db')));
    for (const query of [
      '?from=x',
      '?group_by=x',
      '/records?limit=0',
      '/records?after=x',
      '?nonsense=1',
      '?model=a&model=b',
    ]) {
      expect(await read(gateway, `/v1/usage${query}`)).toMatchObject({ status: 400, error: { code: 'invalid_value' } });
    }
    expect((await fetch(`${gateway.url}/v1/usage`, { method: 'POST' })).status).toBe(405);
  });

  it('is flushed when the gateway stops', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const gateway = await runGateway(DEMO + usageAt(path));
    await gateway.chat({ model: 'demo' });
    await gateway.stop();
    const store = await openUsage(path, { isReadOnly: true });
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
    await store.close();
  });

  it('holds no API key and no message content', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const upstream = await runUpstream(chatCompletion('a secret answer'));
    const auth = 'auth: { keys: [{ name: a, key: key-of-the-client }] }\n';
    const gateway = await runGateway(`${configFor(upstream.url)}${auth}${usageAt(path)}`);
    const headers = { authorization: 'Bearer key-of-the-client' };
    await gateway.chat({ messages: [{ role: 'user', content: 'a secret question' }] }, { headers });
    const records = JSON.stringify(await read(gateway, '/v1/usage/records', 'key-of-the-client'));
    expect(records).toContain('"key":"a"');
    expect(records).not.toMatch(/secret|key-of-the-client/);
    expect(records).not.toContain(PROVIDER_KEY);
  });
});

describe('a usage log (SQLite) that cannot be written', () => {
  it('stops no call, is logged and counted in metrics, and recovers', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    mkdirSync(path);
    // Without a key of the file nothing would be known of who calls: the database may hold keys.
    const key = 'key-of-the-file';
    const gateway = await runGateway(`${DEMO}${usageAt(path)}auth: { keys: [{ name: a, key: ${key} }] }\n`);
    const authorized = { headers: { authorization: `Bearer ${key}` } };
    expect((await gateway.chat({ model: 'demo' }, authorized)).status).toBe(200);
    const unavailable = { status: 503, error: { code: 'usage_unavailable' } };
    expect(await read(gateway, '/v1/usage', key)).toMatchObject(unavailable);
    expect(await read(gateway, '/v1/usage', 'another-key')).toMatchObject({
      status: 503,
      error: { code: 'keys_unavailable' },
    });
    expect(gateway.log.join()).toContain('the database cannot be opened; calls go on');
    expect(gateway.log.join()).toContain('usage records cannot be written; calls go on');
    rmSync(path, { recursive: true });
    expect(await read(gateway, '/v1/usage', key)).toMatchObject({ status: 200, total: { calls: 1 } });
    expect(gateway.log.join()).toContain('usage records are written again');
  });

  it('counts the records that are lost when the gateway stops meanwhile', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const gateway = await runGateway(DEMO + usageAt(join(folder, 'file', 'usage.db')));
    await gateway.chat({ model: 'demo' });
    await gateway.stop();
    const lines = gateway.log.map((line) => JSON.parse(line) as JsonRecord);
    expect(lines.filter((line) => isRecord(line) && line['lost'] === 1)).toHaveLength(1);
  });

  it('is off where usage.store is none: /v1/usage answers 503 usage_unavailable', async () => {
    const gateway = await runGateway(`${DEMO}usage: { store: none }\n`);
    expect((await gateway.chat({ model: 'demo' })).status).toBe(200);
    expect(await read(gateway, '/v1/usage')).toMatchObject({ status: 503, error: { code: 'usage_unavailable' } });
  });
});

describe('GET /v1/usage by the clock of the reader', () => {
  it('cuts hours and days in the zone that is asked for, tells it back, and is a table where that is wanted', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    // 23:30 in UTC, half past twelve of the next day an hour ahead.
    const late = NOON + 41_400;
    await store.append([buildRecord({ created: NOON }), buildRecord({ created: late, model: '=1+1' })]);
    await store.close();
    const gateway = await runGateway(`${DEMO}usage: { path: "${path}", keep: 36500d }\n`);
    const byDay = await read(gateway, '/v1/usage?group_by=day&tz=%2B01:00&from=2026-11-25&to=2026-11-25');
    expect(byDay).toMatchObject({ tz: '+01:00', from: '2026-11-24T23:00:00.000Z', to: '2026-11-25T23:00:00.000Z' });
    expect(byDay['data']).toMatchObject([{ day: '2026-11-25', calls: 1 }]);
    const byHour = await read(gateway, '/v1/usage?group_by=hour&tz=+01:00');
    expect(byHour).toMatchObject({
      tz: '+01:00',
      data: [{ hour: '2026-11-24T13:00' }, { hour: '2026-11-25T00:00' }],
    });
    expect(await read(gateway, '/v1/usage')).toMatchObject({ tz: '+00:00', total: { calls: 2 } });

    const response = await fetch(`${gateway.url}/v1/usage?group_by=day,model&tz=+01:00&format=csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const [head, ...rows] = (await response.text()).split('\r\n');
    expect(head).toMatch(/^day,model,calls,/);
    expect(rows).toEqual([
      expect.stringMatching(/^"2026-11-24","luna",1,.*,"UTC\+01:00"$/),
      expect.stringMatching(/^"2026-11-25","'=1\+1",1,/),
      '',
    ]);
    expect(await read(gateway, '/v1/usage?format=xls')).toMatchObject({ status: 400, error: { param: 'format' } });
  });

  it('is refused as a table that would be cut off', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await openUsage(path);
    await store.append(Array.from({ length: 10_001 }, (_, at) => buildRecord({ model: `m-${at}` })));
    await store.close();
    const gateway = await runGateway(`${DEMO}usage: { path: "${path}", keep: 36500d }\n`);
    const refused = await read(gateway, '/v1/usage?group_by=model&format=csv');
    expect(refused).toMatchObject({ status: 400, error: { code: 'invalid_value', param: 'group_by' } });
    expect(await read(gateway, '/v1/usage?group_by=model')).toMatchObject({ status: 200, has_more: true });
  });
});
