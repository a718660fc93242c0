import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './support/config-files.ts';

/** What a clone has that the package is made from. */
const SOURCES = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'src',
  'console',
  'config',
  'README.md',
  'LICENSE',
];

/** A fresh clone, packed and unpacked where npm would install it. Gives the program. */
function install(folder: string): string {
  const clone = join(folder, 'clone');
  for (const source of SOURCES) cpSync(source, join(clone, source), { recursive: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: clone,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const tarball = packed.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
  symlinkSync(resolve('node_modules'), join(folder, 'package/node_modules'));
  return join(folder, 'package/dist/main.js');
}

describe('the npm package', () => {
  it('is built by npm pack, and runs in an empty folder', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const program = install(folder);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const env = { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'silent' };
    const gateway = spawn(process.execPath, [program], { cwd: empty, env, stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void gateway.kill('SIGKILL'));
    const said: string[] = [];
    for await (const line of createInterface(gateway.stderr)) {
      said.push(line);
      if (line.includes('try ')) break;
    }
    expect(said[1]).toContain('the defaults of the package: there is no config/gateway.yaml here');
    const url = /listens on (\S+)/.exec(said[0] ?? '')?.[1];
    const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello!' }] });
    expect((await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).status).toBe(200);
    expect((await fetch(`${url}/console/`)).status).toBe(200);
    const ended = once(gateway, 'exit');
    gateway.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(empty, 'data/sluice.db'))).toBe(true);
    const printed = spawnSync(process.execPath, [program, 'usage', '--json'], { cwd: empty, env, encoding: 'utf8' });
    expect(JSON.parse(printed.stdout)).toMatchObject({ total: { calls: 1 } });
  });
});
