import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';
import { configFor } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { runUpstream } from '../support/upstream.ts';

/** @param folder of the database, where that is not the working folder */
function configuration(model: string, folder = 'data'): string {
  return (
    `providers: { demo: { kind: demo } }\nusage: { store: none, path: "${folder}/sluice.db" }\n` +
    `models: { ${model}: { provider: demo, upstream: demo } }\n`
  );
}

function ask(url: string, model: string, stream = false): Promise<Response> {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] });
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
}

describe('the sluice program (CLI process)', () => {
  it('finds a free port, reloads a changed configuration file for new calls and keeps the old one when it is invalid', async () => {
    const folder = temporaryFolder();
    const { url, log } = await startProgram(writeConfig(configuration('one'), undefined, folder));
    expect((await ask(url, 'one')).status).toBe(200);

    writeConfig(configuration('two'), undefined, folder);
    await expect.poll(async () => (await ask(url, 'two')).status).toBe(200);
    expect((await ask(url, 'one')).status).toBe(404);

    writeConfig('providers: { demo: { kind: demon } }\n', undefined, folder);
    await expect.poll(log).toContain('the old one stays');
    expect(log()).toMatch(/gateway\.yaml:1:\d+/);
    expect((await ask(url, 'two')).status).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('exits with code 0 on %s, after the stream in flight', async (signal) => {
    const { child, url, log } = await startProgram(writeConfig(configuration('one')));
    const response = await ask(url, 'one', true);
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await exited).toEqual([0, null]);
    expect(log()).toContain('"outcome":"completed"');
  });

  it('stops gracefully under npm start: a signal to npm lets the stream in flight end', async () => {
    const { child, url, log } = await startProgram(writeConfig(configuration('one', temporaryFolder())), {
      isNpm: true,
    });
    const response = await ask(url, 'one', true);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await exited).toEqual([0, null]);
    expect(log()).toContain('"outcome":"completed"');
    await expect(fetch(`${url}/ready`)).rejects.toThrow();
  });

  it('takes the echo of a signal for no second one: Ctrl-C comes from the terminal (SIGINT) and again from npm', async () => {
    const { child, url } = await startProgram(writeConfig(configuration('one')));
    const response = await ask(url, 'one', true);
    const exited = once(child, 'exit');
    for (const signal of ['SIGINT', 'SIGINT'] as const) {
      child.kill(signal);
      expect((await fetch(`${url}/health`)).status).toBe(200);
    }
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await exited).toEqual([0, null]);
  });

  it('prints a curl line with a placeholder for the API key where keys are configured', async () => {
    const keys = 'auth: { keys: [{ name: a, key: "0123456789abcdef" }] }\n';
    const open = await startProgram(writeConfig(configuration('one')));
    expect(open.greeting).toMatch(/try +curl \S+ -H 'content-type/);
    const closed = await startProgram(writeConfig(keys + configuration('one')));
    expect(closed.greeting).toMatch(/try +curl \S+ -H "authorization: Bearer \$KEY" -H 'content-type/);
    expect(closed.greeting).not.toContain('0123456789abcdef');
  });

  it('reports an invalid host at its origin: the flag, the environment variable, the file', async () => {
    const path = writeConfig(configuration('one'));
    const starting = (host: string): Promise<unknown> => startProgram(path, { env: { HOST: host } });
    await expect(starting('0.0.0.0')).rejects.toThrow(/\nHOST: no keys are configured, and '0\.0\.0\.0'/);
    // An address for documentation (RFC 5737): no machine has it.
    const keys = 'auth: { keys: [{ name: a, key: "0123456789abcdef" }] }\n';
    const elsewhere = startProgram(writeConfig(keys + configuration('one')), { env: { HOST: '192.0.2.1' } });
    await expect(elsewhere).rejects.toThrow("HOST: expected an address of this machine, found '192.0.2.1'");
    const file = writeConfig(`server: { host: 0.0.0.0 }\n${configuration('one')}`);
    await expect(startProgram(file)).rejects.toThrow(/gateway\.yaml:1:17: server\.host: no keys are configured/);
  });

  it('logs the calls that ended before a crash', async () => {
    const crash = 'process.on("SIGUSR2", () => { throw new Error("crash"); })';
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(crash)}`];
    const { child, url, log } = await startProgram(writeConfig(configuration('one')), { flags });
    const closed = once(child, 'close');
    await (await ask(url, 'one')).text();
    child.kill('SIGUSR2');
    expect((await closed)[0]).not.toBe(0);
    expect(log()).toContain('"msg":"call"');
  });

  it('opens no debugger on SIGUSR1', async () => {
    const { child, url } = await startProgram(writeConfig(configuration('one')));
    child.kill('SIGUSR1');
    // Whatever the signal does has begun when two more calls are answered.
    for (const model of ['one', 'one']) expect((await ask(url, model)).status).toBe(200);
    const socket = connect(9229, '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(child.exitCode).toBeNull();
  });

  it('frees no compiled WebAssembly while it runs (a race in V8)', async () => {
    // V8 takes nearly every function for worn out, and says so when it would look for code to free.
    const flags = [
      '--trace-wasm-code-gc',
      '--stress-wasm-code-gc',
      '--wasm-tiering-budget=1',
      '--no-wasm-lazy-compilation',
    ];
    const upstream = await runUpstream();
    upstream.answer(() => chatCompletion('Hi'));
    const { url, log } = await startProgram(writeConfig(configFor(upstream.url, 'usage: { store: none }')), { flags });
    for (let call = 0; call < 20; call += 1) expect((await ask(url, 'm')).status).toBe(200);
    await expect.poll(log).toContain('"msg":"call"');
    expect(
      log()
        .split('\n')
        .filter((line) => line.startsWith('[wasm-gc]')),
    ).toHaveLength(0);
  });

  it('reports configuration errors, and exits with code 1', async () => {
    const path = writeConfig('providers: { demo: { kind: demon } }\n');
    await expect(startProgram(path)).rejects.toThrow(/gateway\.yaml:1:\d+/);
  });
});
