import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { DOT_ENV } from '../config/dot-env.ts';
import type { Environment } from '../config/environment.ts';
import type { HostOverride } from '../config/host-problem.ts';
import { loadConfig } from '../config/load.ts';
import type { LogLevel } from '../config/schema.ts';
import { watchConfig } from '../config/watch.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { createLogger } from '../observe/logger.ts';
import { CommandLineError } from './command-line-error.ts';
import { filesText } from './default-config.ts';
import { toText } from './table.ts';

/** What flags and environment say; null where they say nothing. */
export interface ServeOptions {
  readonly configPath: string;
  readonly host: HostOverride | null;
  readonly port: number | null;
  readonly logLevel: LogLevel | null;
}

/** Runs the gateway until a signal stops it. @param readEnv the environment with `.env` as it is now */
export async function serve(options: ServeOptions, version: string, readEnv: () => Environment): Promise<void> {
  const load = (): Config =>
    withOverrides(loadConfig({ path: options.configPath, env: readEnv(), host: options.host }), options);
  const config = load();
  const log = await createLogger(config.log.level, process.stdout.isTTY);
  const gateway = await startGateway(config, log, version, readEnv).catch((error: unknown) => {
    throw hostMistake(error, config, options.host) ?? error;
  });
  const { reload, unwatch } = watchWorld(gateway, createReload(gateway, log, load));
  process.on('SIGHUP', reload);
  stopOnSignal((signal) => {
    const { drainDelayMs, drainMs } = gateway.snapshot().config.server;
    log.info({ signal, drain_delay_ms: drainDelayMs, drain_ms: drainMs }, 'stopping');
    unwatch();
    void gateway.stop().then(() => process.exit(0));
  });
  // Last: a program that reads that it listens may change a file or send a signal at once.
  greet(gateway, log);
}

/** What the system says of an address that this machine does not have. */
const NO_ADDRESS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL']);

function hostMistake(
  error: unknown,
  { server, files }: Config,
  override: HostOverride | null,
): CommandLineError | null {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!NO_ADDRESS.has(code)) return null;
  const where = override?.from ?? `server.host in ${files[0]}`;
  return new CommandLineError(`${where}: expected an address of this machine, found '${server.host}' (${code})`, {
    cause: error,
  });
}

/** Within this time a second signal is the echo of the first: Ctrl-C reaches this process, and npm, which passes it on. */
const ECHO_MS = 1000;

/** The first signal stops; one after its echo ends the process at once, as if there were no listener. */
function stopOnSignal(stop: (signal: NodeJS.Signals) => void): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) return;
    isStopping = true;
    stop(signal);
    setTimeout(() => process.off('SIGTERM', onSignal).off('SIGINT', onSignal), ECHO_MS).unref();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

function withOverrides(config: Config, { port, logLevel }: ServeOptions): Config {
  return {
    ...config,
    server: { ...config.server, port: port ?? config.server.port },
    log: { ...config.log, level: logLevel ?? config.log.level },
  };
}

/** The new world first: a bad file leaves the old one in place. One after the other, so that the last file wins. */
function createReload(gateway: Gateway, log: Logger, load: () => Config): () => Promise<void> {
  const reload = async (): Promise<void> => {
    const restart = await gateway.reload(load);
    const { files, warnings, log: settings } = gateway.snapshot().config;
    log.level = settings.level;
    const changed = { files, warnings, restart_needed: restart };
    if (restart.length === 0) log.info(changed, 'configuration reloaded');
    else log.warn(changed, `configuration reloaded, but ${restart.join(', ')}: restart for that`);
  };
  let last = Promise.resolve();
  return () => {
    last = last.then(reload).catch((error: unknown) => {
      const reason = error instanceof ConfigError ? error.message : error;
      log.error({ reason }, 'the changed configuration has mistakes; the old one stays');
    });
    return last;
  };
}

/** Reloads when one of the files has changed that the configuration is read from; after a reload these may be others. */
function watchWorld(gateway: Gateway, load: () => Promise<void>): Record<'reload' | 'unwatch', () => void> {
  let watched = gateway.snapshot().config.files;
  const follow = async (): Promise<void> => {
    await load();
    const { files } = gateway.snapshot().config;
    if (files.join() === watched.join()) return;
    watched = files;
    unwatch();
    unwatch = watchConfig([...watched, DOT_ENV], reload);
    // What has changed in between.
    await load();
  };
  const reload = (): void => void follow();
  let unwatch = watchConfig([...watched, DOT_ENV], reload);
  return { reload, unwatch: () => unwatch() };
}

/** What a newcomer wants to know. On stderr, so that stdout stays JSON lines. */
function greet({ url, snapshot }: Gateway, log: Logger): void {
  const { config, providers, clientKeys } = snapshot();
  const usable = [...providers.values()].filter((provider) => provider.disabledBecause === null);
  const disabled = [...providers.values()].filter((provider) => provider.disabledBecause !== null);
  const models = snapshot().registry.list();
  const model = models.find(({ id }) => id === 'demo') ?? models[0];
  const lines = [
    `Sluice listens on ${url}`,
    `  config     ${filesText(config.files)}`,
    `  ready      ${usable.map(({ name }) => name).join(', ') || 'no provider'}`,
    ...disabled.map(({ disabledBecause }) => `  no key     ${disabledBecause}`),
    ...(model ? [`  try        ${curlLine(url, model.id, !clientKeys.isOpen)}`] : []),
  ];
  process.stderr.write(toText(lines));
  // Providers without a key stand above.
  const warnings = config.warnings.filter(
    (text) => !disabled.some(({ name }) => text.includes(`'${name}' has no key`)),
  );
  for (const warning of warnings) log.warn(warning);
  log.info({ url, files: config.files, providers: usable.map(({ name }) => name) }, 'listening');
}

/** @param hasKeys whether the caller has to put a key in */
function curlLine(url: string, model: string, hasKeys: boolean): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }] });
  // In double quotes, so that the shell puts it in.
  const key = hasKeys ? ' -H "authorization: Bearer $KEY"' : '';
  return `curl ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body}'`;
}
