import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type PostgresServer, startPostgres } from '../../lab/postgres-server.ts';
import type { Config } from '../../src/config/config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { load, temporaryFolder } from '../support/config-files.ts';
import { runGateway } from '../support/gateway.ts';
import { askOf, chatWith, makeKeyElsewhere, openManaged } from '../support/managed.ts';
import { NO_POSTGRES } from '../support/postgres.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';

const DEMO =
  'providers: { demo: { kind: demo } }\nserver: { drain: 0ms }\nusage: { store: none }\nresponses: { store: off }\n';
const FILE_KEY = 'key-of-the-file-1';
const AUTH = `auth: { keys: [{ name: a, key: ${FILE_KEY} }] }\n`;

function databaseAt(path: string): string {
  return `database: { url: "sqlite:${path}" }\n`;
}

async function codeOf(url: string, key: string | null): Promise<unknown> {
  const { status, code } = await chatWith(askOf(url, key));
  return status === 200 ? 200 : code;
}

/** Starts it on a free port of this host. */
async function startOn(host: string, config: Config): Promise<Gateway> {
  const server = { ...config.server, host, port: 0 };
  const gateway = await startGateway({ ...config, server }, pino({ enabled: false }), '0.0.0');
  onTestFinished(() => gateway.stop());
  return gateway;
}

describe('a gateway without keys in its file', () => {
  it('is open as long as the database has none, and needs one soon after the first', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const gateway = await runGateway(DEMO + databaseAt(path));
    expect(await codeOf(gateway.url, null)).toBe(200);
    const secret = await makeKeyElsewhere(path, { kind: 'call' });
    await expect.poll(() => codeOf(gateway.url, null), { interval: 50 }).toBe('invalid_api_key');
    expect(await codeOf(gateway.url, secret)).toBe(200);
  });

  it('makes keys without a usage log, and tells a secret also where figures cannot stand beside it', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const boss = await makeKeyElsewhere(path);
    const gateway = await runGateway(DEMO + databaseAt(path));
    const made = await askOf(gateway.url, boss)('POST', '/v1/keys', { name: 'a', limit: 3 });
    expect([made.status, made.data]).toMatchObject([201, { limit: 3, limit_remaining: 3, usage: 0 }]);
    expect(await codeOf(gateway.url, String(made.body['key']))).toBe(200);
    const db = openSqliteFile(path);
    db.exec('DROP TABLE spend');
    db.close();
    const other = await askOf(gateway.url, boss)('POST', '/v1/keys', { name: 'b', limit: 3 });
    expect([other.status, other.data]).toMatchObject([201, { limit: 3, limit_remaining: 3, usage: 0 }]);
    expect(other.body['key']).toMatch(/^sk-sl-/);
    const rotated = await askOf(gateway.url, boss)('POST', `/v1/keys/${other.data['hash']}/rotate`, {});
    expect([rotated.status, rotated.data]).toMatchObject([200, { limit: 3, limit_remaining: null, usage: null }]);
    expect(rotated.body['key']).toMatch(/^sk-sl-/);
    expect((await askOf(gateway.url, String(rotated.body['key']))('GET', '/v1/key')).data).toMatchObject({
      ...{ limit_remaining: null, budget_remaining: null, usage: null },
    });
  });

  it('is not opened by deleting the last key, before a restart', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const { boss, url, gateway } = await openManaged(path);
    const { hash } = (await boss('GET', '/v1/key')).data;
    expect((await boss('DELETE', `/v1/keys/${hash}`)).status).toBe(200);
    expect(await codeOf(url, null)).toBe('invalid_api_key');
    await gateway.stop();
    const again = await runGateway(DEMO + databaseAt(path));
    expect(await codeOf(again.url, null)).toBe(200);
  });

  it('may be bound to a public address where the database holds one, and stays closed there', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const config = load(DEMO + databaseAt(path));
    await expect(startOn('0.0.0.0', config)).rejects.toThrow('no keys are configured');
    const secret = await makeKeyElsewhere(path, { kind: 'call' });
    const gateway = await startOn('0.0.0.0', config);
    const url = gateway.url.replace('0.0.0.0', '127.0.0.1');
    expect([await codeOf(url, null), await codeOf(url, secret)]).toEqual(['invalid_api_key', 200]);
    // Of a gateway that needs a key no name is foreign.
    expect((await fetch(`${url}/ready`, { headers: { host: 'gw.example' } })).status).toBe(200);
  });

  it('keeps running with the keys of the database when the last one of the file goes', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const secret = await makeKeyElsewhere(path, { kind: 'call' });
    const gateway = await runGateway(DEMO + AUTH + databaseAt(path));
    expect(await codeOf(gateway.url, FILE_KEY)).toBe(200);
    await gateway.reload(() => load(DEMO + databaseAt(path)));
    expect([await codeOf(gateway.url, FILE_KEY), await codeOf(gateway.url, secret)]).toEqual(['invalid_api_key', 200]);
  });

  it('says 503 and never 401 where the database is there and cannot be read, and recovers', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'sluice.db');
    const secret = await makeKeyElsewhere(path, { kind: 'call' });
    renameSync(path, join(folder, 'kept.db'));
    mkdirSync(path);
    const gateway = await runGateway(DEMO + databaseAt(path));
    for (const key of [null, 'any-key', secret]) expect(await codeOf(gateway.url, key)).toBe('keys_unavailable');
    expect(gateway.log.join()).toContain('the keys of the database cannot be read');
    renameSync(path, join(folder, 'gone'));
    renameSync(join(folder, 'kept.db'), path);
    await expect.poll(() => codeOf(gateway.url, secret), { interval: 100 }).toBe(200);
    expect(gateway.log.join()).toContain('can be read again');
  });
});

describe('keys of the file beside a database that is none', () => {
  it('go on under their rates; those with a budget are 503 until it can be read what they have spent', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    writeFileSync(path, 'This was no database, ever.'.repeat(100));
    const configOf = (ofRates: string): string =>
      `auth: { keys: [{ name: rp, key: key-rp, ${ofRates} }, { name: rich, key: key-rich, budget: { day: 5 } }] }\n`;
    const rates = 'limits: { rpm: 5 }';
    const gateway = await runGateway(DEMO + configOf(rates) + databaseAt(path));
    for (let count = 0; count < 5; count++) expect(await codeOf(gateway.url, 'key-rp')).toBe(200);
    expect(await codeOf(gateway.url, 'key-rp')).toBe('rate_limit_exceeded');
    expect(await codeOf(gateway.url, 'key-rich')).toBe('limits_unavailable');
    const withBudget = configOf(`limits: { rpm: 500 }, budget: { day: 5 }`);
    await gateway.reload(() => load(DEMO + withBudget + databaseAt(path)));
    expect(await codeOf(gateway.url, 'key-rp')).toBe('limits_unavailable');
    await gateway.reload(() => load(DEMO + configOf('limits: { rpm: 500 }') + databaseAt(path)));
    expect(await codeOf(gateway.url, 'key-rp')).toBe(200);
  });
});

describe.skipIf(NO_POSTGRES)('keys in a Postgres that goes away', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it('are good while they are remembered; others are 503, and those of the file go on', async () => {
    const used = await makeKeyElsewhere(server.url, { kind: 'call' });
    const unused = await makeKeyElsewhere(server.url, { kind: 'call' });
    const settings = `${DEMO}${AUTH}database: { url: "${server.url}" }\ngovernance: { keys: { cache: 1s } }\n`;
    const gateway = await runGateway(settings);
    expect(await codeOf(gateway.url, used)).toBe(200);
    await server.kill();
    for (let round = 0; round < 3; round++) {
      expect(await codeOf(gateway.url, used)).toBe(200);
      expect(await codeOf(gateway.url, unused)).toBe('keys_unavailable');
      expect(await codeOf(gateway.url, FILE_KEY)).toBe(200);
    }
    await server.start();
    await expect.poll(() => codeOf(gateway.url, unused), { interval: 100 }).toBe(200);
    expect(await codeOf(gateway.url, 'wrong')).toBe('invalid_api_key');
  });
});
