import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';

const MAIN = join(import.meta.dirname, '../../src/main.js');

function configuration(model: string): string {
  return (
    `providers: { demo: { kind: demo } }\nusage: { store: none }\n` +
    `models: { ${model}: { provider: demo, upstream: demo } }\n`
  );
}

interface Program {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has logged so far. */
  log(): string;
}

/** Starts the real program, and waits for it to say where it listens. */
async function start(configPath: string, flags: readonly string[] = []): Promise<Program> {
  const child = spawn(process.execPath, [...flags, MAIN, '--config', configPath, '--port', '0'], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stdout.on('data', (text) => {
    log += text;
  });
  let greeting = '';
  for await (const text of child.stderr) {
    greeting += text;
    const url = /listens on (http:\S+)/.exec(greeting)?.[1];
    if (url) return { child, url, log: () => log };
  }
  throw new Error(`The program ended with: ${greeting}`);
}

function ask(url: string, model: string, stream = false): Promise<Response> {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] });
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
}

describe('the program', () => {
  it('finds a free port, takes a changed file for new calls and keeps the old one when it is bad', async () => {
    const folder = temporaryFolder();
    const { url, log } = await start(writeConfig(configuration('one'), undefined, folder));
    expect((await ask(url, 'one')).status).toBe(200);

    writeConfig(configuration('two'), undefined, folder);
    await expect.poll(async () => (await ask(url, 'two')).status, { timeout: 5000 }).toBe(200);
    expect((await ask(url, 'one')).status).toBe(404);

    writeConfig('providers: { demo: { kind: demon } }\n', undefined, folder);
    await expect.poll(log, { timeout: 5000 }).toContain('the old one stays');
    expect(log()).toMatch(/gateway\.yaml:1:\d+/);
    expect((await ask(url, 'two')).status).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with code 0 on %s, after the stream in flight', async (signal) => {
    const { child, url, log } = await start(writeConfig(configuration('one')));
    const response = await ask(url, 'one', true);
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await exited).toEqual([0, null]);
    expect(log()).toContain('"outcome":"completed"');
  });

  it('logs the calls that ended before a crash', async () => {
    const crash = 'process.on("SIGUSR2", () => { throw new Error("crash"); })';
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(crash)}`];
    const { child, url, log } = await start(writeConfig(configuration('one')), flags);
    const closed = once(child, 'close');
    await (await ask(url, 'one')).text();
    child.kill('SIGUSR2');
    expect((await closed)[0]).not.toBe(0);
    expect(log()).toContain('"msg":"call"');
  });

  it('says what is wrong with its configuration, and ends with code 1', async () => {
    const path = writeConfig('providers: { demo: { kind: demon } }\n');
    await expect(start(path)).rejects.toThrow(/gateway\.yaml:1:\d+/);
  });
});
