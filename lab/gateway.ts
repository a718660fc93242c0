import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load.ts';
import type { LogLevel } from '../src/config/schema.ts';
import { type Gateway, startGateway } from '../src/gateway.ts';
import { createLogger } from '../src/observe/logger.ts';
import { reportPort } from './provider.ts';
import { type Server, startServer } from './server-process.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** How a gateway runs that has a process of its own. */
export interface GatewayOptions {
  readonly name?: string;
  /** A module that calls `serveGateway`, for one that answers messages; without it, the gateway as it ships. */
  readonly module?: URL;
  /** `info` unless told otherwise; the lines go nowhere. */
  readonly log?: LogLevel;
  /** A list for taskset. */
  readonly cores?: string | null;
  /** Of Node. */
  readonly flags?: readonly string[];
}

const PLAIN = new URL('./served-gateway.ts', import.meta.url);

/** Reads the text of a configuration, as it would stand in `gateway.yaml`. */
export function configFrom(text: string): Config {
  const folder = makeTemporaryFolder('sluice-config');
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, text);
  const config = loadConfig({ path, env: {} });
  rmSync(folder, { recursive: true });
  return config;
}

/** Starts a gateway in this process, on a free port; its database, if it has one, is a file in the folder. */
export function openGateway(text: string, folder: string, log: Logger): Promise<Gateway> {
  const config = configFrom(text);
  const server = { ...config.server, port: 0 };
  const path = join(folder, 'sluice.db');
  return startGateway({ ...config, server, database: { engine: 'sqlite', path, shown: path } }, log, 'lab');
}

/** Starts a gateway in a process of its own, and waits until it listens; its folder goes when it ends. */
export async function startGatewayProcess(text: string, options: GatewayOptions = {}): Promise<Server> {
  const { name = 'gateway', module = PLAIN, log = 'info', cores = null, flags = [] } = options;
  const folder = makeTemporaryFolder('sluice-gateway');
  const server = await startServer(name, module, [text, folder, log], { cores, flags });
  void server.ended.then(() => rmSync(folder, { recursive: true, force: true }));
  return server;
}

/** For a module that is a gateway's process: starts it, and answers each message of the process that has started it. */
export async function serveGateway(answer: (message: unknown, url: string) => unknown = () => null): Promise<void> {
  const [text = '', folder = '', level = 'info'] = process.argv.slice(2);
  const { url } = await openGateway(text, folder, await createLogger(level as LogLevel, false));
  process.on('message', async (message) => process.send?.({ answer: await answer(message, url) }));
  reportPort({ port: Number(new URL(url).port) });
}
