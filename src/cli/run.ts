import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import { withDotEnv } from '../config/dot-env.ts';
import type { Environment } from '../config/environment.ts';
import { loadTargets } from '../config/load.ts';
import { createSignatureStore } from '../languages/gemini/signature-store.ts';
import { alertRules } from '../observe/alerts.ts';
import { createProviderFactory, type ProviderFactory } from '../providers/index.ts';
import { type Command, parseArguments } from './arguments.ts';
import { check } from './check.ts';
import { CommandLineError } from './command-line-error.ts';
import { findDefaultConfig } from './default-config.ts';
import { HELP } from './help.ts';
import { init } from './init.ts';
import { keys } from './keys.ts';
import { route } from './route.ts';
import { serve } from './serve.ts';
import { toText } from './table.ts';
import { usage } from './usage.ts';

/** Runs one command line. Mistakes of the operator end in words and exit code 1, never in a stack trace. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    const real = { ...process.env };
    const readEnv = (): Environment => withDotEnv(real);
    const env = readEnv();
    // For those who read the environment themselves, such as OpenTelemetry.
    Object.assign(process.env, env);
    await carryOut(parseArguments(argv, env, findDefaultConfig()), readEnv);
  } catch (error) {
    process.stderr.write(toText(`sluice: ${explain(error)}`.split('\n')));
    process.exit(1);
  }
}

async function carryOut(command: Command, readEnv: () => Environment): Promise<void> {
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return;
    case 'serve':
      return serve(command.options, version(), readEnv);
    case 'usage':
      process.stdout.write(await usage(command.options, readEnv()));
      return;
    case 'route':
      process.stdout.write(await route(command.options, { env: readEnv(), providers: offline(), now: new Date() }));
      return;
    case 'keys':
      process.stdout.write(await keys(command.options, readEnv()));
      return;
    case 'init':
      process.stdout.write(init(command.options));
      return;
    case 'alerts':
      process.stdout.write(alertRules(loadTargets({ path: command.options.configPath, env: readEnv() })));
      return;
    case 'check': {
      const write = (text: string): void => void process.stdout.write(text);
      process.exitCode = await check(command.options, {
        env: readEnv(),
        providers: offline(),
        now: new Date(),
        write,
      });
      return;
    }
    default:
      throw command satisfies never;
  }
}

/** Providers that will not be asked. */
function offline(): ProviderFactory {
  return createProviderFactory({ newId: () => 'unused', signatures: createSignatureStore() });
}

/** `src/cli` and `dist/cli` are equally far from the package. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `the configuration has mistakes\n${error.message}`;
  if (error instanceof CommandLineError) return `${error.message} (sluice --help shows all options)`;
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `${error.message}: another program listens there. Choose another port with --port.`;
  return code === undefined ? (error.stack ?? error.message) : error.message;
}
