import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { admitHost } from '../config/running.ts';
import type { Provider } from '../providers/provider.ts';
import { createRegistry } from '../routing/registry.ts';
import { holdsKeys } from './database-keys.ts';
import { filesText } from './default-config.ts';
import { modelTable } from './model-table.ts';
import type { ServeOptions } from './serve.ts';
import { toText } from './table.ts';

/** What the check needs of the world. */
export interface CheckTools {
  readonly env: Environment;
  readonly providers: ProviderMaker;
  /** Prices are shown as of this moment. */
  readonly now: Date;
  write(text: string): void;
}

/** The part of a provider factory that is used here. */
interface ProviderMaker {
  create(config: Config): Promise<ReadonlyMap<string, Provider>>;
  close(): Promise<void>;
}

/** Validates the configuration and prints what it comes to. Resolves to the exit code. */
export async function check({ configPath, host }: ServeOptions, tools: CheckTools): Promise<0 | 1> {
  try {
    tools.write(await describe(configPath, host, tools));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const count = error.problems.length;
    tools.write(toText([...error.message.split('\n'), '', `${count} ${count === 1 ? 'mistake' : 'mistakes'}`]));
    return 1;
  }
}

async function describe(
  path: string,
  host: ServeOptions['host'],
  { env, providers, now }: CheckTools,
): Promise<string> {
  const config = loadConfig({ path, env, host });
  if (config.hostProblem !== null) admitHost(config, await holdsKeys(config.database));
  try {
    const made = await providers.create(config);
    const registry = createRegistry(config, made);
    const lines = [
      `config     ${filesText(config.files)}`,
      ...[...made.values()].map((provider) => providerLine(provider, config)),
      ...config.warnings.map((warning) => `warning    ${warning}`),
      '',
      ...modelTable(registry.all(), now.toISOString().slice(0, 10)),
      '',
      `${registry.list().length} of ${registry.all().length} models can be asked now.`,
    ];
    return toText(lines);
  } finally {
    await providers.close();
  }
}

/** A missing variable is told by its warning. */
function providerLine({ name, kind, apiKeys, disabledBecause }: Provider, config: Config): string {
  const isWarned = (config.providers.get(name)?.missingKey ?? null) !== null;
  if (disabledBecause !== null) return `provider   ${name}: off${isWarned ? '' : `, ${disabledBecause}`}`;
  if (apiKeys.length === 0 && !kind.needsKey) return `provider   ${name}: ready, needs no key`;
  return `provider   ${name}: ready, with ${apiKeys.length === 1 ? 'a key' : `${apiKeys.length} keys`}`;
}
