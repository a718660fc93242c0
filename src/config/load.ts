import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord, recordOf } from '../protocol/json.ts';
import {
  type Config,
  type KeyConfig,
  type ModelConfig,
  type PassthroughConfig,
  type ProviderConfig,
  resolveTargets,
  type ServerConfig,
} from './config.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { crossCheck, digestOf } from './cross-check.ts';
import type { Environment } from './environment.ts';
import { type ConfigFile, configFileSchema, type KeyEntry, type ProviderEntry, registryFileSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';

type Main = Source<ConfigFile>;
type Registry = Source<Pick<ConfigFile, 'models'>>;

interface LoadOptions {
  readonly path: string;
  readonly env: Environment;
  /** The host that a flag or the environment puts in place of `server.host`. */
  readonly host?: string | null;
}

/**
 * Reads the main file and the registry it names, all of it checked.
 * @throws ConfigError with every mistake, each at its place
 */
export function loadConfig({ path, env, host = null }: LoadOptions): Config {
  const main: Main = readSource(path, readMain(path), configFileSchema, env);
  const registry = readRegistry(main, env);
  refuseEmpty(main, registry);
  if (main.raw !== undefined) crossCheck(main, registry, host);
  const problems = [main, ...(registry ? [registry] : [])].flatMap((source) => inOrder(source.problems));
  if (problems.length > 0 || main.parsed === null) throw new ConfigError(problems);
  return toConfig(main.parsed, main, registry, host);
}

/**
 * Nobody means an empty file: an editor has emptied it before it writes, or a disk is full. Taken for settings it would
 * have no keys, no providers and no models.
 */
function refuseEmpty(main: Main, registry: Registry | null): void {
  if (isEmpty(main.raw)) main.report([], EMPTY);
  if (registry !== null && isEmpty(recordOf(registry.raw)['models'])) registry.report(['models'], NO_MODELS, true);
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

const EMPTY =
  'this file has no settings: write at least "providers: { demo: { kind: demo } }", or give another with --config or SLUICE_CONFIG';
const NO_MODELS = 'this file has no models: write one, or take registry out of the main file';

function readMain(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([{ file: path, line: 1, column: 1, text: unreadable(error) }]);
  }
}

function unreadable(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `this file cannot be read (${reason}); give another with --config or SLUICE_CONFIG`;
}

function readRegistry(main: Main, env: Environment): Registry | null {
  const { registry } = (main.raw ?? {}) as { registry?: unknown };
  if (typeof registry !== 'string') return null;
  const file = join(dirname(main.file), registry);
  try {
    return readSource(file, readFileSync(file, 'utf8'), registryFileSchema, env);
  } catch (error) {
    const { code = 'none that can be read' } = error as NodeJS.ErrnoException;
    main.report(['registry'], `expected a file beside this one, found ${code}`);
    return null;
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function toConfig(file: ConfigFile, main: Main, registry: Registry | null, host: string | null): Config {
  const providers = Object.entries(file.providers ?? {}).map(([name, entry]) => toProvider(name, entry, main));
  const { server = {}, log = {}, timeouts, retry, fallback, breaker, rescue, hedge } = file;
  const policies = { timeouts, retry, fallback, breaker, rescue, hedge };
  return deepFreeze({
    files: [main.file, ...(registry ? [registry.file] : [])],
    server: toServer(server, host),
    keys: (file.auth?.keys ?? []).map(toKey),
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    models: [...toModels(main), ...(registry ? toModels(registry) : [])],
    policies,
    log: { level: log.level ?? 'info', content: log.content ?? false },
    resume: {
      graceMs: file.resume?.grace ?? 30_000,
      keepMs: file.resume?.keep ?? 60_000,
      maxBytes: file.resume?.max_bytes ?? 4 * 1024 * 1024,
    },
    usage: {
      store: file.usage?.store ?? 'sqlite',
      path: file.usage?.path ?? 'data/usage.db',
      keepMs: file.usage?.keep ?? 90 * 86_400_000,
      maxBytes: file.usage?.max_size ?? 1024 ** 3,
    },
    metrics: { isPublic: file.metrics?.public ?? false },
    targets: resolveTargets(file.targets),
    passthrough: toPassthrough(file.passthrough),
    warnings: [...providers.flatMap((provider) => toWarnings(provider, main)), ...keyWarnings(file)],
  });
}

function toServer(entry: NonNullable<ConfigFile['server']>, host: string | null): ServerConfig {
  return {
    host: host ?? entry.host ?? '127.0.0.1',
    port: entry.port ?? 8080,
    bodyLimitBytes: entry.body_limit ?? 20 * 1024 ** 2,
    drainMs: entry.drain ?? 30_000,
    keepaliveMs: entry.keepalive ?? 15_000,
    hosts: entry.hosts ?? [],
    origins: entry.origins ?? [],
  };
}

function toPassthrough(block: ConfigFile['passthrough'] = {}): PassthroughConfig {
  return {
    default: block.default ?? null,
    isShared: block.shared ?? false,
    bodyLimitBytes: block.body_limit ?? 512 * 1024 ** 2,
  };
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

function toWarnings({ name, entry, missingKey }: ProviderConfig, main: Main): string[] {
  if (missingKey !== null) {
    return [`provider '${name}' has no key, and its models are off: set the environment variable ${missingKey}`];
  }
  return missingKeys(name, entry, main).map(
    (variable) => `provider '${name}' works with fewer keys: the environment variable ${variable} is not set`,
  );
}

/** Shorter keys can be guessed, or found by trying. */
const SHORTEST_KEY = 16;

function keyWarnings({ auth }: ConfigFile): string[] {
  const short = (auth?.keys ?? []).filter(({ key }) => key !== undefined && key.length < SHORTEST_KEY);
  return short.map(
    ({ name }) => `the key of '${name}' has fewer than ${SHORTEST_KEY} characters: take a longer one, drawn at random`,
  );
}

function toKey(entry: KeyEntry): KeyConfig {
  return {
    name: entry.name,
    sha256: digestOf(entry) ?? '',
    isAdmin: entry.admin ?? false,
    routes: entry.routes ?? null,
  };
}

function toModels(source: Registry): ModelConfig[] {
  const models = Object.entries(source.parsed?.models ?? {});
  return models.map(([id, entry]) => ({ id, entry, where: source.where(['models', id]) }));
}

/** Maps stay as they are: their type is read-only. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(member);
  return value instanceof Map ? value : Object.freeze(value);
}
