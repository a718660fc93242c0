import { parseArgs } from 'node:util';
import type { Environment } from '../config/environment.ts';
import { didYouMean } from '../config/nearest.ts';
import type { LogLevel } from '../config/schema.ts';
import { LOG_LEVELS } from '../config/settings/observation.ts';
import { CommandLineError } from './command-line-error.ts';
import { CONFIG_FOLDER, DEFAULT_CONFIG } from './default-config.ts';
import type { InitOptions } from './init.ts';
import { KEY_FLAGS, type KeysOptions, toKeysOptions } from './keys-arguments.ts';
import type { RouteOptions } from './route.ts';
import type { ServeOptions } from './serve.ts';
import type { UsageOptions } from './usage.ts';

/** What the command line asks for. */
export type Command =
  | { readonly name: 'serve' | 'check'; readonly options: ServeOptions }
  | { readonly name: 'usage'; readonly options: UsageOptions }
  | { readonly name: 'route'; readonly options: RouteOptions }
  | { readonly name: 'init'; readonly options: InitOptions }
  | { readonly name: 'keys'; readonly options: KeysOptions }
  | { readonly name: 'alerts'; readonly options: { readonly configPath: string } }
  | { readonly name: 'help' | 'version' };

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  'log-level': { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'group-by': { type: 'string' },
  json: { type: 'boolean' },
  model: { type: 'string', short: 'm' },
  name: { type: 'string' },
  kind: { type: 'string' },
  org: { type: 'string' },
  models: { type: 'string' },
  routes: { type: 'string' },
  expires: { type: 'string' },
  limit: { type: 'string' },
  'limit-reset': { type: 'string' },
  rpm: { type: 'string' },
  tpm: { type: 'string' },
  grace: { type: 'string' },
  window: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const COMMANDS = ['serve', 'check', 'usage', 'route', 'init', 'alerts', 'keys'] as const;
/** Flags that only these commands understand. */
const OWN_FLAGS = {
  from: ['usage'],
  to: ['usage'],
  'group-by': ['usage'],
  json: ['usage', 'keys'],
  model: ['route'],
  ...KEY_FLAGS,
} as const satisfies Readonly<Record<string, readonly (typeof COMMANDS)[number][]>>;

/**
 * Flags beat the environment, which beats the file.
 * @param defaultConfig the main file when none is named
 * @throws CommandLineError
 */
export function parseArguments(
  argv: readonly string[],
  env: Environment,
  defaultConfig: string = DEFAULT_CONFIG,
): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name = 'serve', extra] = positionals;
  const command = COMMANDS.find((known) => known === name);
  if (command === undefined) {
    throw new CommandLineError(
      `expected the command serve, check, usage, route, init, alerts or keys, found '${name}'${didYouMean(name, COMMANDS)}`,
    );
  }
  if (extra !== undefined && command !== 'route' && command !== 'init' && command !== 'keys')
    throw new CommandLineError(`expected nothing after '${name}' but options, found '${extra}'`);
  const choose = (flag: string, value: string | undefined, variable: string): OptionValue | null => {
    if (value !== undefined) return { from: flag, value };
    return env[variable] ? { from: variable, value: env[variable] } : null;
  };
  const configPath = choose('--config', values.config, 'SLUICE_CONFIG')?.value ?? defaultConfig;
  refuseStray(command, values);
  if (command === 'route') {
    return { name: command, options: { configPath, question: toQuestion(positionals), model: values.model ?? 'auto' } };
  }
  if (command === 'init') return { name: command, options: { folder: toFolder(positionals) } };
  if (command === 'alerts') return { name: command, options: { configPath } };
  if (command === 'keys') return { name: command, options: toKeysOptions(configPath, positionals, values) };
  if (command === 'usage') {
    const { from, to, 'group-by': groupBy, json: isJson = false } = values;
    return { name: command, options: { configPath, from, to, groupBy, isJson } };
  }
  return {
    name: command,
    options: {
      configPath,
      host: choose('--host', values.host, 'HOST'),
      port: toPort(choose('--port', values.port, 'PORT')),
      logLevel: toLogLevel(choose('--log-level', values['log-level'], 'LOG_LEVEL')),
    },
  };
}

function refuseStray(command: string, values: Readonly<Partial<Record<keyof typeof OWN_FLAGS, unknown>>>): void {
  for (const [flag, owners] of Object.entries<readonly string[]>(OWN_FLAGS)) {
    if (!owners.includes(command) && flag in values)
      throw new CommandLineError(`--${flag}: only the command ${owners.join(' or ')} takes it`);
  }
}

function toQuestion([, question, extra]: readonly string[]): string {
  if (question === undefined)
    throw new CommandLineError('expected a question after \'route\', as in: sluice route "Hello?"');
  if (extra === undefined) return question;
  throw new CommandLineError(`expected one question, in quotes, found '${extra}' after it`);
}

function toFolder([, folder = CONFIG_FOLDER, extra]: readonly string[]): string {
  if (extra === undefined) return folder;
  throw new CommandLineError(`expected one folder after 'init', found '${extra}' after it`);
}

/** A value, and the flag or variable it came from. */
interface OptionValue {
  readonly from: string;
  readonly value: string;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node adds advice about positional arguments that is not needed here.
    const [what = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/);
    const flag = /^Unknown option '--([^']+)'/.exec(what)?.[1];
    throw new CommandLineError(what + (flag ? didYouMean(flag, Object.keys(OPTIONS)) : ''), { cause: error });
  }
}

function toPort(choice: OptionValue | null): number | null {
  if (choice === null) return null;
  const port = Number(choice.value);
  if (/^\d+$/.test(choice.value) && port <= 65_535) return port;
  throw new CommandLineError(`${choice.from}: expected a port from 0 to 65535, found '${choice.value}'`);
}

function toLogLevel(choice: OptionValue | null): LogLevel | null {
  if (choice === null) return null;
  const level = LOG_LEVELS.find((known) => known === choice.value.toLowerCase());
  if (level) return level;
  const hint = didYouMean(choice.value, LOG_LEVELS);
  throw new CommandLineError(
    `${choice.from}: expected one of ${LOG_LEVELS.join(', ')}, found '${choice.value}'${hint}`,
  );
}
