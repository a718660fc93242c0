import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Environment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { admitHost } from '../../src/config/running.ts';

/** A folder of the test's own, gone when it is finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes `gateway.yaml`, and `models.yaml` where it is given, into a folder. */
export function writeConfig(gateway: string, models?: string, folder: string = temporaryFolder()): string {
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, gateway);
  if (models !== undefined) writeFileSync(join(folder, 'models.yaml'), models);
  return path;
}

/** Loads a configuration written out in the test; also outside of a test. */
export function load(gateway: string, env: Environment = {}, models?: string): Config {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  try {
    return loadConfig({ path: writeConfig(gateway, models, folder), env });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The mistakes of a configuration without a database, as `file:line:column: text` without the folder; none when it may run. */
export function mistakes(gateway: string, env: Environment = {}, models?: string): string[] {
  const path = writeConfig(gateway, models);
  try {
    admitHost(loadConfig({ path, env }), false);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replaceAll(join(dirname(path), '/'), '').split('\n');
  }
}
