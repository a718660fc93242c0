import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../lab/postgres-server.ts';
import { usage } from '../../src/cli/usage.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { writeConfig } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { NO_POSTGRES } from '../support/postgres.ts';

const PASSWORD = 'MARKED-pass/word';
let server: PostgresServer;
/** A database of its own in the server of this file, which its tests kill. */
let url: string;

async function read(gateway: TestGateway, path: string): Promise<JsonRecord> {
  const response = await fetch(gateway.url + path, AUTHORIZED);
  return { status: response.status, ...((await response.json()) as JsonRecord) };
}

/** Of the file: who has one is known whether there is a database or not. */
const KEY = 'key-of-the-operator';
const AUTHORIZED = { headers: { authorization: `Bearer ${KEY}` } };

function settings(): string {
  return `server: { drain: 0ms }\nauth: { keys: [{ name: ops, key: ${KEY}, admin: true }] }\nproviders: { demo: { kind: demo } }\nusage: { keep: 1d }\ndatabase: { url: "${url}" }\n`;
}

async function ask(gateway: TestGateway, count: number): Promise<void> {
  const calls = Array.from({ length: count }, async () => {
    const response = await gateway.chat({ model: 'demo', max_tokens: 3 }, AUTHORIZED);
    expect(response.status).toBe(200);
    await response.text();
  });
  await Promise.all(calls);
}

const callsOf = async (gateway: TestGateway): Promise<unknown> =>
  recordOf((await read(gateway, '/v1/usage'))['total'])['calls'];

describe.skipIf(NO_POSTGRES)('a gateway with Postgres', () => {
  beforeAll(async () => {
    server = await startPostgres();
    const address = new URL(server.url);
    address.password = PASSWORD;
    url = address.href;
  });
  afterAll(() => server.remove());

  it('shares usage with another one on the same database, and with sluice usage', async () => {
    const one = await runGateway(settings());
    const other = await runGateway(settings());
    await Promise.all([ask(one, 3), ask(other, 4)]);
    await expect.poll(() => callsOf(one)).toBe(7);
    await expect.poll(() => callsOf(other)).toBe(7);
    expect(recordsOf((await read(other, '/v1/usage/records?limit=5'))['data'])).toHaveLength(5);
    expect(recordsOf((await read(one, '/v1/requests?state=ended'))['data'])).toHaveLength(7);
    const options = { from: undefined, to: undefined, groupBy: 'key', isJson: true };
    const printed = await usage({ configPath: writeConfig(settings()), ...options }, {});
    expect(JSON.parse(printed)).toMatchObject({ total: { calls: 7 }, data: [{ key: 'ops', calls: 7 }] });
  });

  it('goes on while Postgres is away, at its start and later, says so, and loses no record and writes none twice', async () => {
    const before = Number(await callsOf(await runGateway(settings())));
    await server.kill();
    const gateway = await runGateway(settings());
    await ask(gateway, 5);
    expect(await read(gateway, '/v1/usage')).toMatchObject({ status: 503, error: { code: 'usage_unavailable' } });
    expect(gateway.log.join()).toContain('the database cannot be opened; calls go on, and it is tried again');
    expect(gateway.log.join()).toContain('usage records cannot be written; calls go on');
    await server.start();
    await expect.poll(() => callsOf(gateway)).toBe(before + 5);
    expect(gateway.log.join()).toContain('usage records are written again');

    for (let round = 0; round < 3; round++) {
      const asking = ask(gateway, 20);
      await server.kill();
      await asking;
      await ask(gateway, 5);
      await server.start();
    }
    await expect.poll(() => callsOf(gateway)).toBe(before + 80);
    expect(await read(gateway, '/health')).toMatchObject({ status: 'ok', lost_usage_records: 0 });
    expect(gateway.log.join()).toContain('postgres:***@127.0.0.1');
    expect(decodeURIComponent(gateway.log.join())).not.toContain(PASSWORD);
  });

  it('counts what is lost when it stops while Postgres is away', async () => {
    const gateway = await runGateway(settings());
    await callsOf(gateway);
    await server.kill();
    await ask(gateway, 2);
    await gateway.stop();
    await server.start();
    const last = gateway.log.findLast((line) => line.includes('cannot be written')) ?? '{}';
    expect(JSON.parse(last)).toMatchObject({ lost: 2, database: expect.stringContaining('postgres:***@') });
  });
});
