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

describe('POST /v1/config/check', () => {
  const check = async (files: unknown) => {
    const { boss, gateway } = await start();
    const running = gateway.snapshot();
    const answer = await boss('POST', '/v1/config/check', { files });
    expect(gateway.snapshot()).toBe(running);
    expect(JSON.stringify(answer.body)).not.toContain(MARK);
    return answer;
  };

  it('finds nothing wrong with good files, one of them or both', async () => {
    expect((await check({ 'gateway.yaml': MAIN })).body).toEqual({ object: 'config.check', ok: true, problems: [] });
    const models = 'models: { n: { provider: demo } }';
    expect((await check({ 'models.yaml': models })).body).toMatchObject({ ok: true });
    expect((await check({ 'gateway.yaml': MAIN, 'models.yaml': models })).body).toMatchObject({ ok: true });
  });

  it('tells every mistake with its place and the nearest name', async () => {
    const { body } = await check({
      'gateway.yaml': MAIN.replace('usage:', 'usgae:'),
      'models.yaml': 'models:\n  m: { provider: dmeo }\n',
    });
    expect(body).toMatchObject({
      ok: false,
      problems: [
        { file: 'gateway.yaml', line: 4, column: 1, nearest: 'usage' },
        { file: 'models.yaml', line: 2, column: 18, nearest: 'demo' },
      ],
    });
  });

  it('reads no other file, and says which of those it was given is not read', async () => {
    const elsewhere = MAIN.replace('models.yaml', '/etc/passwd');
    const { body } = await check({ 'gateway.yaml': elsewhere, 'models.yaml': 'models: {}', 'x.yaml': '' });
    expect(recordsOf(body['problems']).map(({ file, message }) => [file, String(message).slice(0, 26)])).toEqual([
      ['gateway.yaml', 'registry: expected a file '],
      ['models.yaml', 'this file is not read: the'],
      ['x.yaml', 'this file is not read: the'],
    ]);
    expect(JSON.stringify(body)).not.toContain('root');
  });

  it.each([
    ['a number', `server: { port: "\${UP_KEY}" }`],
    ['a fixed word', `rescue: "\${UP_KEY}"`],
    ['a name that is near another', `passthrough: { default: "\${UP_KEY}" }`],
    ['a key that is compared with another', `orgs: { a: { parent: "\${UP_KEY}" } }`],
  ])('tells nothing of what a variable holds, nor how long it is: %s', async (_what, line) => {
    const main = `registry: models.yaml\nproviders: { demo: { kind: demo }, up: { kind: demo } }\n${line}\n`;
    expect((await check({ 'gateway.yaml': main })).body).toEqual({ object: 'config.check', ok: true, problems: [] });
  });

  it('tells that a variable is not set', async () => {
    const { body } = await check({ 'gateway.yaml': `${MAIN}log: { level: "\${NOT_THERE}" }\n` });
    expect(body).toMatchObject({ ok: false, problems: [{ line: 15, message: expect.stringContaining('NOT_THERE') }] });
  });

  it.each([[undefined], ['text'], [{}], [{ a: 1 }], [{ a: 'x'.repeat(600_000) }]])('refuses %j', async (files) => {
    expect(await check(files)).toMatchObject({ status: 400, code: 'invalid_value' });
  });

  it('survives what is made to take long, or to break a parser', async () => {
    const deep = await check({ 'gateway.yaml': '['.repeat(100_000) });
    expect([deep.status === 400 || deep.body['ok'] === false, deep.status < 500]).toEqual([true, true]);
    const names = Array.from(
      { length: 12_000 },
      (_, at) => `  model-${at}: { provider: demo, fallbacks: [modle-${at}x] }`,
    );
    const wide = await check({ 'models.yaml': `models:\n${names.join('\n')}\n`.slice(0, 500_000) });
    expect(wide.status).toBeLessThan(500);
  }, 60_000);

  it('is for an admin alone', async () => {
    const { gateway } = await start();
    const ask = askOf(gateway.url, `${MARK}-of-a-client`);
    expect(await ask('POST', '/v1/config/check', { files: {} })).toMatchObject({
      status: 403,
      code: 'route_not_allowed',
    });
    expect(await ask('GET', '/v1/config/check')).toMatchObject({ status: 405 });
  });
});
