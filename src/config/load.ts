import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isRecord } from '../protocol/json.ts';
import { callerWarnings } from './caller-warnings.ts';
import { toCallers } from './callers.ts';
import {
  type Config,
  type ModelConfig,
  type ProviderConfig,
  resolveBlocks,
  resolveGovernance,
  resolveTargets,
  type TargetsConfig,
} from './config.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { crossCheck, type Main, type RegistryFile } from './cross-check.ts';
import { resolveDatabase } from './database-url.ts';
import type { Environment } from './environment.ts';
import { type HostOverride, hostProblemOf } from './host-problem.ts';
import { BLOCKS, type ConfigFile, configFileSchema, FILE, type ProviderEntry, registryFileSchema } from './schema.ts';
import { USAGE } from './settings/keeping.ts';
import { resolve } from './settings/setting.ts';
import { readSource } from './source.ts';
import { addressWarnings, databaseWarnings, keyWarnings, modelWarnings } from './warnings.ts';

/** The main file where only some blocks of it are needed: the others are not checked. */
const usageFileSchema = z.looseObject({ usage: FILE.usage.type.optional(), database: FILE.database.type.optional() });
const accessFileSchema = z.looseObject({
  usage: FILE.usage.type.optional(),
  database: FILE.database.type.optional(),
  orgs: FILE.orgs.type.optional(),
});
const targetsFileSchema = z.looseObject({ targets: BLOCKS.targets.type.optional() });

interface LoadOptions {
  readonly path: string;
  readonly env: Environment;
  readonly host?: HostOverride | null;
  /** Gives the text of a file; throws where there is none. */
  readonly read?: (path: string) => string;
  /** Looks at no value of the environment: what would come from there is not checked. */
  readonly isBlind?: boolean;
}

/**
 * Reads the main file and the registry it names, all of it checked.
 * @throws ConfigError with every mistake, each at its place
 */
export function loadConfig({ path, env, host = null, read = readText, isBlind = false }: LoadOptions): Config {
  const main: Main = readSource(path, readMain(path, read), configFileSchema, env, { isBlind });
  const registry = readRegistry(main, (file) => readSource(file, read(file), registryFileSchema, env, { isBlind }));
  refuseEmpty(main, registry);
  if (main.written !== null) crossCheck(main, registry);
  const problems = [main, ...(registry ? [registry] : [])].flatMap((source) => inOrder(source.problems));
  if (problems.length > 0 || main.parsed === null) throw new ConfigError(problems);
  return toConfig(main.parsed, main, registry, host);
}

/**
 * Where the usage log is, and nothing else of the main file: mistakes and missing variables elsewhere do not matter.
 * @throws ConfigError
 */
export function loadUsage({ path, env }: Pick<LoadOptions, 'path' | 'env'>): Pick<Config, 'usage' | 'database'> {
  const main = readSource(path, readMain(path), usageFileSchema, env, { sections: ['usage', 'database'] });
  if (main.parsed === null || main.problems.length > 0) throw new ConfigError(inOrder(main.problems));
  return { usage: resolve(USAGE, main.parsed.usage), database: resolveDatabase(main.parsed, existsSync) };
}

/**
 * Where keys are that are made at run time, and which organisations stand in the file; nothing else of it is read.
 * @throws ConfigError
 */
export function loadAccess({ path, env }: Pick<LoadOptions, 'path' | 'env'>): Pick<Config, 'orgs' | 'database'> {
  const main = readSource(path, readMain(path), accessFileSchema, env, { sections: ['usage', 'database', 'orgs'] });
  if (main.parsed === null || main.problems.length > 0) throw new ConfigError(inOrder(main.problems));
  return { orgs: toCallers(main.parsed).orgs, database: resolveDatabase(main.parsed, existsSync) };
}

/**
 * What the alert rules are made from, and nothing else of the main file.
 * @throws ConfigError
 */
export function loadTargets({ path, env }: Pick<LoadOptions, 'path' | 'env'>): TargetsConfig {
  const main = readSource(path, readMain(path), targetsFileSchema, env, { sections: ['targets'] });
  if (main.parsed === null || main.problems.length > 0) throw new ConfigError(inOrder(main.problems));
  return resolveTargets(main.parsed.targets);
}

/**
 * An empty file is refused: an editor has emptied it before it writes, or a disk is full. Taken for settings it would
 * have no keys, no providers and no models.
 */
function refuseEmpty(main: Main, registry: RegistryFile | null): void {
  if (isEmpty(main.written)) main.report([], EMPTY);
  if (registry !== null && isEmpty(registry.written?.models)) registry.report(['models'], NO_MODELS, true);
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

const EMPTY =
  'this file has no settings: write at least "providers: { demo: { kind: demo } }", or give another with --config or SLUICE_CONFIG';
const NO_MODELS = 'this file has no models: write one, or take registry out of the main file';

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function readMain(path: string, read = readText): string {
  try {
    return read(path);
  } catch (error) {
    throw new ConfigError([{ file: path, line: 1, column: 1, text: unreadable(error) }]);
  }
}

function unreadable(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `this file cannot be read (${reason}); give another with --config or SLUICE_CONFIG`;
}

function readRegistry(main: Main, read: (file: string) => RegistryFile): RegistryFile | null {
  const { registry } = main.written ?? {};
  if (registry === undefined) return null;
  const file = join(dirname(main.file), registry);
  try {
    return read(file);
  } catch (error) {
    const { code = 'none that can be read' } = error as NodeJS.ErrnoException;
    main.report(['registry'], `expected a file beside this one, found ${code}`);
    return null;
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function toConfig(file: ConfigFile, main: Main, registry: RegistryFile | null, host: HostOverride | null): Config {
  const providers = Object.entries(file.providers ?? {}).map(([name, entry]) => toProvider(name, entry, main));
  const { timeouts, retry, fallback, breaker, rescue, hedge } = file;
  const blocks = resolveBlocks(file);
  const models = [...toModels(main), ...(registry ? toModels(registry) : [])];
  const policies = { timeouts, retry, fallback, breaker, rescue, hedge };
  return deepFreeze({
    ...blocks,
    server: { ...blocks.server, ...(host === null ? {} : { host: host.value }) },
    files: [main.file, ...(registry ? [registry.file] : [])],
    digests: [main.digest, ...(registry ? [registry.digest] : [])],
    governance: resolveGovernance(file.governance),
    ...toCallers(file),
    hostProblem: hostProblemOf(main, host),
    database: resolveDatabase(file, existsSync),
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    models,
    policies,
    warnings: [
      ...providers.flatMap((provider) => missingKeyWarnings(provider, main)),
      ...addressWarnings(file.providers),
      ...keyWarnings(file.auth?.keys),
      ...databaseWarnings(file),
      ...modelWarnings(models),
      ...callerWarnings(main, file, models),
    ],
  });
}

function toProvider(name: string, entry: ProviderEntry, main: Main): ProviderConfig {
  // A variable filled from a file often ends with a line break, which no header may hold.
  const apiKeys = (entry.api_keys ?? [entry.api_key ?? '']).map((key) => key.trim()).filter((key) => key !== '');
  return {
    name,
    entry,
    apiKeys,
    missingKey: apiKeys.length === 0 ? (missingKeys(name, entry, main)[0] ?? null) : null,
  };
}

function missingKeys(name: string, entry: ProviderEntry, main: Main): string[] {
  const settings = entry.api_keys?.map((_key, index) => ['api_keys', index]) ?? [['api_key']];
  return settings.map((setting) => main.missingKey(['providers', name, ...setting])).filter((key) => key !== null);
}

function missingKeyWarnings({ name, entry, missingKey }: ProviderConfig, main: Main): string[] {
  if (missingKey !== null) {
    return [`provider '${name}' has no key, and its models are off: set the environment variable ${missingKey}`];
  }
  return missingKeys(name, entry, main).map(
    (variable) => `provider '${name}' works with fewer keys: the environment variable ${variable} is not set`,
  );
}

function toModels(source: Main | RegistryFile): ModelConfig[] {
  const models = Object.entries(source.parsed?.models ?? {});
  return models.map(([id, entry]) => ({ id, entry, where: source.where(['models', id]) }));
}

/** Maps stay as they are: their type is read-only. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(member);
  return value instanceof Map ? value : Object.freeze(value);
}
