import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { isRecord, recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { type Ask, askOf } from '../support/managed.ts';

const MARK = 'MARKEDKEY';
const ENV = { UP_KEY: `${MARK}-of-the-environment`, BOSS_KEY: `${MARK}-of-the-boss`, EMPTY: '' };
const MAIN = `registry: models.yaml
# once: ${MARK}-in-a-comment
server: { port: 0, drain: 0ms }
usage: { store: none }
responses: { store: off }
providers:
  demo: { kind: demo }
  up: { kind: openai-compatible, base_url: http://127.0.0.1:9/v1, api_key: "\${UP_KEY}", headers: { x-more: ${MARK}-in-a-header } }
  gemini: { kind: gemini, api_key: "\${GEMINI_KEY}" }
auth:
  keys:
    - { name: boss, key: "\${BOSS_KEY}", admin: true }
    - { name: plain, key: ${MARK}-of-a-client }
database: { url: "postgres://ann:${MARK}@127.0.0.1:1/sluice" }
`;

interface ConfigScene {
  readonly gateway: Gateway;
  readonly path: string;
  readonly boss: Ask;
  reload(main: string): Promise<void>;
}

async function start(): Promise<ConfigScene> {
  const path = join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(path, MAIN);
  writeFileSync(join(path, '../models.yaml'), 'models: { m: { provider: up } }\n');
  const load = () => loadConfig({ path, env: ENV });
  const gateway = await startGateway(load(), pino({ enabled: false }), '0.0.0', () => ENV);
  onTestFinished(() => gateway.stop());
  return {
    gateway,
    path,
    boss: askOf(gateway.url, ENV.BOSS_KEY),
    async reload(main) {
      writeFileSync(path, main);
      await gateway.reload(load).catch(() => undefined);
    },
  };
}

describe('GET /v1/config', () => {
  it('shows the files that were loaded, line by line and without secrets', async () => {
    const { boss, path } = await start();
    const { status, body, headers } = await boss('GET', '/v1/config');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(body)).not.toContain(MARK);
    const [main, models] = recordsOf(body['files']);
    expect(main).toMatchObject({ name: 'gateway.yaml', path });
    expect(models).toMatchObject({ name: 'models.yaml', text: 'models: { m: { provider: up } }\n' });
    expect(String(main?.['text']).split('\n')[7]).toBe(
      `  up: { kind: openai-compatible, base_url: http://127.0.0.1:9/v1, api_key: "\${UP_KEY}", headers: { x-more: "***" } }`,
    );
    expect(body).toMatchObject({
      object: 'config',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      database: 'postgres://ann:***@127.0.0.1:1/sluice',
      variables: [
        { name: 'BOSS_KEY', is_set: true },
        { name: 'GEMINI_KEY', is_set: false },
        { name: 'UP_KEY', is_set: true },
      ],
      warnings: expect.arrayContaining([expect.stringContaining('GEMINI_KEY')]),
      loaded_at: expect.stringMatching(/Z$/),
      last_reload: null,
    });
  });

  it('tells of the last reload, and of its mistakes', async () => {
    const { boss, reload } = await start();
    const { hash } = (await boss('GET', '/v1/config')).body;
    await reload(MAIN.replace('usage:', 'usgae:'));
    const { body } = await boss('GET', '/v1/config');
    expect(body['last_reload']).toMatchObject({
      ok: false,
      problems: [
        {
          ...{ file: 'gateway.yaml', line: 4, column: 1, nearest: 'usage' },
          message: "usgae: unknown setting; did you mean 'usage'?",
        },
      ],
    });
    // What runs is no longer on the disk.
    expect(recordsOf(body['files']).map(({ text }) => text === null)).toEqual([true, false]);
    expect(body['hash']).toBeNull();

    await reload(MAIN.replace('drain: 0ms', 'drain: 1ms'));
    const later = (await boss('GET', '/v1/config')).body;
    expect(later['last_reload']).toMatchObject({ ok: true, problems: [], restart_needed: [] });
    expect(later['hash']).not.toBe(hash);
    expect(isRecord(later['last_reload']) && later['last_reload']['at']).toBe(later['loaded_at']);
    expect(JSON.stringify([body, later])).not.toContain(MARK);
  });

  it('is for an admin alone', async () => {
    const { gateway } = await start();
    expect(await askOf(gateway.url, null)('GET', '/v1/config')).toMatchObject({ status: 401 });
    const plain = await askOf(gateway.url, `${MARK}-of-a-client`)('GET', '/v1/config');
    expect(plain).toMatchObject({ status: 403, code: 'route_not_allowed' });
    expect(plain.body).not.toHaveProperty('files');
    expect(await askOf(gateway.url, ENV.BOSS_KEY)('PUT', '/v1/config')).toMatchObject({ status: 405 });
  });
});
