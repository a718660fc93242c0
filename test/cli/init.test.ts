import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesText, findDefaultConfig } from '../../src/cli/default-config.ts';
import { init } from '../../src/cli/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { temporaryFolder } from '../support/config-files.ts';

describe('sluice init', () => {
  it('writes a pair of configuration files that load, and prints what it wrote and what comes next', () => {
    const folder = join(temporaryFolder(), 'a/b');
    const main = join(folder, 'gateway.yaml');
    const text = init({ folder });
    expect(text).toContain(`wrote  ${main}\nwrote  ${join(folder, 'models.yaml')}\n`);
    expect(text).toContain(`"sluice --config ${main}" serves them`);
    expect(loadConfig({ path: main, env: {} }).models.length).toBeGreaterThan(10);
    expect(readFileSync(main, 'utf8')).toBe(readFileSync('config/gateway.yaml', 'utf8'));
  });

  it('overwrites no file, and leaves out --config where the files are found without it', () => {
    const folder = temporaryFolder();
    const main = join(folder, 'gateway.yaml');
    writeFileSync(main, 'mine');
    expect(init({ folder })).toMatch(/^kept {3}\S+gateway\.yaml: it was there already\nwrote {2}\S+models\.yaml\n/);
    expect(readFileSync(main, 'utf8')).toBe('mine');
    expect(init({ folder: 'config' })).toContain('"sluice" serves them');
  });
});

describe('the configuration without --config', () => {
  it('is the default file where there is one, else that of the package', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'gateway.yaml');
    const packaged = findDefaultConfig(path);
    expect(packaged).toBe(join(process.cwd(), 'config/gateway.yaml'));
    expect(filesText([packaged, 'models.yaml'])).toMatch(/^the defaults of the package: there is no config\/gateway/);
    expect(filesText([path, 'models.yaml'])).toBe(`${path}, models.yaml`);
    // A link to nothing: a volume that is not there yet.
    symlinkSync(join(folder, 'nothing'), path);
    expect(findDefaultConfig(path)).toBe(path);
  });
});
