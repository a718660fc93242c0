import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config/load.ts';

const instructions = readFileSync('Dockerfile', 'utf8')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

function argumentsOf(name: string): string[][] {
  return instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(/\s+/).slice(1));
}

/** What is copied from the project: every source, without the destination. */
const copied = argumentsOf('COPY')
  .filter(([first]) => !first?.startsWith('--from='))
  .flatMap((words) => words.slice(0, -1));

describe('Dockerfile', () => {
  it('copies files that exist', () => {
    expect(copied).not.toEqual([]);
    expect(copied.filter((source) => !existsSync(source))).toEqual([]);
  });

  it('copies only what .dockerignore lets through', () => {
    const allowed = readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm);
    expect([...new Set(copied)].sort()).toEqual([...allowed].map(([, name]) => name).sort());
  });

  it('takes from the build stage what the build makes there', () => {
    const taken = argumentsOf('COPY').filter(([first]) => first === '--from=build');
    expect(taken.map(([, source]) => source)).toEqual(['/app/node_modules', '/app/dist']);
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = [...instructions.join('\n').matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named).toEqual(['build']);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('uses the same exact Node version as every other start', () => {
    const bases = argumentsOf('FROM').map(([image]) => image);
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    expect(bases).toEqual([`node:${devDependencies['node']}-slim`, `node:${devDependencies['node']}-slim`]);
  });

  it('lets no package run install scripts', () => {
    const installs = instructions.filter((line) => /npm (ci|install|prune)/.test(line));
    expect(installs).not.toEqual([]);
    expect(installs.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
  });

  it('does not run as root', () => {
    const [user] = argumentsOf('USER').at(-1) ?? [];
    expect(user).toBe('node');
    const last = instructions.findLastIndex((line) => line.startsWith('FROM '));
    expect(instructions.findLastIndex((line) => line.startsWith('USER '))).toBeGreaterThan(last);
  });

  it('keeps the database in a volume that its user can write', () => {
    const [workdir] = argumentsOf('WORKDIR').at(-1) ?? [];
    const { database } = loadConfig({ path: 'config/gateway.yaml', env: {} });
    const directory = dirname(database.engine === 'sqlite' ? database.path : '');
    expect(argumentsOf('VOLUME')).toEqual([[`${workdir}/${directory}`]]);
    const made = instructions.indexOf(`RUN mkdir ${directory} && chown node:node ${directory}`);
    expect(made).toBeGreaterThan(-1);
    // What is changed in a volume after its declaration is lost.
    expect(made).toBeLessThan(instructions.findIndex((line) => line.startsWith('VOLUME ')));
  });

  it('listens on the port of its HEALTHCHECK', () => {
    const health = instructions.find((line) => line.startsWith('HEALTHCHECK ')) ?? '';
    expect(health).toContain(`\`http://127.0.0.1:\${process.env.PORT}/ready\``);
    expect(argumentsOf('ENV').flat()).toEqual(expect.arrayContaining(['HOST=0.0.0.0', 'PORT=8080']));
    expect(argumentsOf('EXPOSE')).toEqual([['8080']]);
  });
});

/** Laid out as in the image: package.json, node_modules, dist, config. */
const image = mkdtempSync(join(tmpdir(), 'sluice-image-'));

beforeAll(() => {
  cpSync('package.json', join(image, 'package.json'));
  cpSync('config', join(image, 'config'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(image, 'node_modules'));
  const build = spawnSync('npm', ['run', 'build', '--', '--outDir', join(image, 'dist')], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`npm run build failed:\n${build.stdout}${build.stderr}`);
  cpSync('dist/console', join(image, 'dist/console'), { recursive: true });
}, 120_000);

afterAll(() => rmSync(image, { recursive: true, force: true }));

describe('the build of npm run build', () => {
  it('starts, is healthy, answers, keeps usage, and stops on SIGTERM with exit code 0', {
    timeout: 60_000,
  }, async () => {
    const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' };
    const gateway = spawn(process.execPath, ['dist/main.js'], { cwd: image, env, stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const url = await urlOf(gateway);
      expect(runHealthCheck(new URL(url).port)).toBe(0);
      const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello!' }] });
      const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ object: 'chat.completion', model: 'demo' });
      expect((await fetch(`${url}/console/`)).headers.get('content-type')).toContain('text/html');
      const usage = (await (await fetch(`${url}/v1/usage`)).json()) as { total: { calls: number } };
      expect(usage.total.calls).toBe(1);
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(existsSync(join(image, 'data/sluice.db'))).toBe(true);
      expect(runHealthCheck(new URL(url).port)).toBe(1);
    } finally {
      gateway.kill('SIGKILL');
    }
  });

  const oldNode = findOldNode();
  it.skipIf(oldNode === null)('refuses an old Node version in one line, and exits with code 1', () => {
    const run = spawnSync(oldNode ?? '', ['dist/main.js'], { cwd: image, encoding: 'utf8' });
    expect(run.stderr).toMatch(/^Sluice needs Node\.js 22\.19 or later; this is \d+\.\d+\.\d+\..*\n$/);
    expect(run.stdout).toBe('');
    expect(run.status).toBe(1);
  });
});

/** The exit code of the health check: 0 is healthy. */
function runHealthCheck(port: string): number | null {
  const health = instructions.find((line) => line.startsWith('HEALTHCHECK ')) ?? '';
  const [, ...command] = JSON.parse(health.slice(health.indexOf('['))) as string[];
  return spawnSync(process.execPath, command, { env: { PORT: port } }).status;
}

/** The address that the gateway prints when it listens. */
async function urlOf(gateway: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (gateway.stderr === null) throw new Error('The gateway has no stderr to read from.');
  for await (const line of createInterface(gateway.stderr)) {
    said.push(line);
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The gateway ended before it listened:\n${said.join('\n')}`);
}

/** A Node on the PATH that is too old for Sluice, as many machines have; null when there is none. */
function findOldNode(): string | null {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'node'));
  const isOld = (node: string): boolean => {
    const [, major = '99'] = /^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
    return Number(major) < 22;
  };
  return places.filter((node) => existsSync(node)).find(isOld) ?? null;
}
