// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the file refers to the environment
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../../src/gateway.ts';
import { load, temporaryFolder, writeConfig } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { type Program, startProgram } from '../support/program.ts';

const DEMO = 'providers: { demo: { kind: demo } }\nmodels: { one: { provider: demo, upstream: demo } }\n';
const KEY = 'key-of-team-a-0123456789';
const AUTH = `auth: { keys: [{ name: team-a, key: ${KEY}, admin: true }] }\n`;
const OPEN = 'server: { host: 0.0.0.0, drain: 0ms }\n';
const LOOPBACK = 'server: { host: 127.0.0.1, drain: 0ms }\n';

function port(gateway: TestGateway): string {
  return new URL(gateway.url).port;
}

/** The status of a call, with a key or without one. */
async function statusOf(url: string, key: string | null, model = 'one'): Promise<number> {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  return (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).status;
}

describe('a configuration reload of a gateway with API keys', () => {
  it.each([
    ['an open address', OPEN],
    ['a loopback address', LOOPBACK],
  ])('is refused when auth.keys are gone, on %s', async (_title, server) => {
    const gateway = await runGateway(DEMO + AUTH + server);
    const url = `http://127.0.0.1:${port(gateway)}`;
    const next = [
      () => load(DEMO + LOOPBACK),
      () => load(`${DEMO + LOOPBACK}auth: { keys: [] }\n`),
      () => load(DEMO + OPEN),
      () => load(''),
      () => load('# nothing\n'),
    ];
    for (const change of next) {
      await expect(gateway.reload(change)).rejects.toThrow(/restart to run without keys|can be reached|no settings/);
      expect(await statusOf(url, null)).toBe(401);
      expect(await statusOf(url, KEY)).toBe(200);
    }
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(await metrics.text()).toContain(`sluice_config_reloads_total{result="failure"} ${next.length}`);
  });

  it('takes changed API keys', async () => {
    const gateway = await runGateway(DEMO + AUTH + OPEN);
    const url = `http://127.0.0.1:${port(gateway)}`;
    await gateway.reload(() => load(DEMO + AUTH.replace(KEY, 'another-key-0123456789') + OPEN));
    expect(await statusOf(url, KEY)).toBe(401);
    expect(await statusOf(url, 'another-key-0123456789')).toBe(200);
  });
});

describe('a start without API keys', () => {
  it('is refused on a public address (server.host), however it is written', async () => {
    const config = load(DEMO + LOOPBACK);
    const open = { ...config, server: { ...config.server, host: '0.0.0.0', port: 0 } };
    const start = startGateway(
      { ...open, usage: { ...config.usage, store: 'none' } },
      pino({ enabled: false }),
      '0.0.0',
    );
    await expect(start).rejects.toThrow("no keys are configured, and '0.0.0.0' can be reached");
  });
});

describe('a start that is refused leaves no database open', () => {
  const databaseIn = (folder: string): string => `database: { url: "sqlite:${join(folder, 'sluice.db')}" }\n`;

  it.each<[string, string, RegExp]>([
    ['on a public address without API keys', '0.0.0.0', /no keys are configured/],
    ['on a port that is taken', '127.0.0.1', /EADDRINUSE/],
  ])('%s', async (_title, host, reason) => {
    const folder = temporaryFolder();
    const taken = await runGateway(DEMO + LOOPBACK);
    const config = load(DEMO + LOOPBACK + databaseIn(folder));
    const server = { ...config.server, host, port: host === '127.0.0.1' ? Number(port(taken)) : 0 };
    await expect(startGateway({ ...config, server }, pino({ enabled: false }), '0.0.0')).rejects.toThrow(reason);
    // An open one has its write-ahead log beside it.
    expect(readdirSync(folder)).toEqual(['sluice.db']);
  });
});

describe('a configuration reload of a gateway without API keys', () => {
  it('takes the first API keys, and then keeps requiring them', async () => {
    const gateway = await runGateway(DEMO + LOOPBACK);
    await gateway.reload(() => load(DEMO + AUTH + LOOPBACK));
    expect(await statusOf(gateway.url, null)).toBe(401);
    await expect(gateway.reload(() => load(DEMO + LOOPBACK))).rejects.toThrow('restart to run without keys');
  });
});

describe('a setting that needs a restart', () => {
  it('is named at each reload as long as it differs from the running one', async () => {
    const unused = `usage: { store: none, path: "${join(temporaryFolder(), 'unused.db')}" }\n`;
    const gateway = await runGateway(`${DEMO}${LOOPBACK}${unused}`);
    const { port: running } = gateway.snapshot().config.server;
    const next = `${DEMO}server: { host: localhost, port: ${running}, drain: 0ms }\n`;
    const stored = 'responses: { store: off }\n';
    const usage = 'usage: { store: sqlite, path: elsewhere.db, keep: 1d, max_size: 1mb }\n';
    const all = ['server.host', 'database.url', 'responses.store', 'usage.store', 'usage.keep', 'usage.max_size'];
    expect(await gateway.reload(() => load(next + usage))).toEqual(all);
    expect(await gateway.reload(() => load(next + usage))).toEqual(all);
    expect(await gateway.reload(() => load(`${DEMO}server: { port: 1 }\n${unused}${stored}`))).toEqual(['server.port']);
  });
});

describe('the program on reload', () => {
  const configuration = (model: string, rest = ''): string =>
    `providers: { demo: { kind: demo } }\nmodels: { ${model}: { provider: demo, upstream: demo } }\n` +
    `usage: { store: none }\nauth: { keys: [{ name: team-a, key: "\${TEAM_A_KEY}" }] }\n${rest}`;
  const until = (program: Program, text: string): Promise<void> =>
    expect.poll(program.log, { interval: 20 }).toContain(text);
  const answers = (program: Program, key: string, status: number, model = 'one'): Promise<void> =>
    expect.poll(() => statusOf(program.url, key, model), { interval: 20 }).toBe(status);

  it('refuses an emptied configuration file, and takes the good one that follows', async () => {
    const folder = temporaryFolder();
    const path = writeConfig(configuration('one'), undefined, folder);
    const program = await startProgram(path, { folder, env: { TEAM_A_KEY: KEY, HOST: '0.0.0.0' } });
    const url = `http://127.0.0.1:${new URL(program.url).port}`;
    writeFileSync(path, '');
    await until(program, 'this file has no settings');
    expect(await statusOf(url, null)).toBe(401);
    rmSync(path);
    await until(program, 'cannot be read');
    expect(await statusOf(url, KEY)).toBe(200);
    writeFileSync(path, configuration('two', 'server: { port: 1234 }\nlog: { level: debug }\n'));
    await answers({ ...program, url }, KEY, 200, 'two');
    await until(program, '"restart_needed":[],"msg":"configuration reloaded"');
  });

  it('reads .env again when it changes, and lets environment variables win', async () => {
    const folder = temporaryFolder();
    const dotEnv = join(folder, '.env');
    writeFileSync(dotEnv, `TEAM_A_KEY=first-${KEY}\nMODEL_NOTE=x\nLOG_LEVEL=debug\n`);
    const program = await startProgram(writeConfig(configuration('one'), undefined, folder), { folder });
    expect(await statusOf(program.url, `first-${KEY}`)).toBe(200);

    writeFileSync(dotEnv, `TEAM_A_KEY=second-${KEY}\n`);
    await answers(program, `second-${KEY}`, 200);
    expect(await statusOf(program.url, `first-${KEY}`)).toBe(401);

    // As editors do it; and a variable that is gone is gone.
    writeFileSync(`${dotEnv}~`, 'OTHER=1\n');
    renameSync(`${dotEnv}~`, dotEnv);
    await until(program, 'the environment variable TEAM_A_KEY is not set');
    expect(await statusOf(program.url, `second-${KEY}`)).toBe(200);

    rmSync(dotEnv);
    mkdirSync(dotEnv);
    await until(program, '.env:1:1: this file cannot be read (EISDIR)');
    rmSync(dotEnv, { recursive: true });
    writeFileSync(dotEnv, Buffer.from([0x41, 0x3d, 0xff, 0xfe]));
    await until(program, 'this file cannot be read (it is not text in UTF-8)');
    writeFileSync(dotEnv, `TEAM_A_KEY=third-${KEY}\n`);
    await answers(program, `third-${KEY}`, 200);
    expect(program.log()).not.toContain(KEY);
  });

  it('takes a .env that is created later, but never over environment variables; SIGHUP reads it too', async () => {
    const folder = temporaryFolder();
    const program = await startProgram(writeConfig(configuration('one'), undefined, folder), {
      folder,
      env: { TEAM_A_KEY: KEY },
    });
    writeFileSync(join(folder, '.env'), `TEAM_A_KEY=other-${KEY}\n`);
    await until(program, 'configuration reloaded');
    expect(await statusOf(program.url, KEY)).toBe(200);
    expect(await statusOf(program.url, `other-${KEY}`)).toBe(401);
    chmodSync(join(folder, '.env'), 0o600);
    program.child.kill('SIGHUP');
    await expect.poll(() => program.log().split('configuration reloaded').length).toBeGreaterThan(2);
  });

  it('warns at the start and at each reload of short API keys, and of settings that need a restart', async () => {
    const folder = temporaryFolder();
    const path = writeConfig(configuration('one'), undefined, folder);
    const program = await startProgram(path, { folder, env: { TEAM_A_KEY: 'short' } });
    await until(program, `"the key of 'team-a' has fewer than 16 characters`);
    writeConfig(
      configuration('one', 'server: { host: ::1 }\n').replace('store: none', 'store: sqlite'),
      undefined,
      folder,
    );
    await until(program, '"restart_needed":["server.host","usage.store"]');
    expect(program.log()).toContain('configuration reloaded, but server.host, usage.store: restart for that');
    expect(program.log().match(/fewer than 16/g)).toHaveLength(2);
  });
});
