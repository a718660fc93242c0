import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import type { LogLevel } from '../config/schema.ts';
import { watchConfig } from '../config/watch.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { createLogger } from '../observe/logger.ts';

/** What flags and environment say; null where they say nothing. */
export interface ServeOptions {
  readonly configPath: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly logLevel: LogLevel | null;
}

/** Runs the gateway until a signal stops it. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  const load = (): Config =>
    withOverrides(loadConfig({ path: options.configPath, env: process.env, host: options.host }), options);
  const config = load();
  const log = await createLogger(config.log.level, process.stdout.isTTY);
  const gateway = await startGateway(config, log, version);
  greet(gateway, log);
  const reload = createReload(gateway, log, load);
  const unwatch = watchConfig(config.files, reload);
  process.on('SIGHUP', reload);
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal, drain_ms: gateway.world().config.server.drainMs }, 'stopping');
    unwatch();
    void gateway.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function withOverrides(config: Config, { host, port, logLevel }: ServeOptions): Config {
  return {
    ...config,
    server: { ...config.server, host: host ?? config.server.host, port: port ?? config.server.port },
    log: { ...config.log, level: logLevel ?? config.log.level },
  };
}

/** The new world first: a bad file leaves the old one in place. */
function createReload(gateway: Gateway, log: Logger, load: () => Config): () => void {
  const reload = async (): Promise<void> => {
    await gateway.reload(load);
    const { config } = gateway.world();
    log.level = config.log.level;
    log.info({ files: config.files, warnings: config.warnings }, 'configuration reloaded');
  };
  return () => {
    reload().catch((error: unknown) => {
      const reason = error instanceof ConfigError ? error.message : error;
      log.error({ reason }, 'the changed configuration has mistakes; the old one stays');
    });
  };
}

/** What a newcomer wants to know. On stderr, so that stdout stays JSON lines. */
function greet({ url, world }: Gateway, log: Logger): void {
  const { config, providers } = world();
  const usable = [...providers.values()].filter((provider) => provider.disabledBecause === null);
  const disabled = [...providers.values()].filter((provider) => provider.disabledBecause !== null);
  const [model] = world().registry.list();
  const lines = [
    `Sluice listens on ${url}`,
    `  config     ${config.files.join(', ')}`,
    `  ready      ${usable.map(({ name }) => name).join(', ') || 'no provider'}`,
    ...disabled.map(({ disabledBecause }) => `  no key     ${disabledBecause}`),
    ...(model
      ? [
          `  try        ${curlLine(
            url,
            world()
              .registry.list()
              .some(({ id }) => id === 'demo')
              ? 'demo'
              : model.id,
          )}`,
        ]
      : []),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  for (const warning of config.warnings) log.debug(warning);
  log.info({ url, files: config.files, providers: usable.map(({ name }) => name) }, 'listening');
}

function curlLine(url: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }] });
  return `curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
}
