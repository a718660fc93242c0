import type { Config } from './config.ts';

/** Settings that are read once, at the start, by the names they have in the file. */
const READ_ONCE: Readonly<Record<string, (config: Config) => unknown>> = {
  'server.host': ({ server }) => server.host,
  'server.port': ({ server }) => server.port,
  // With its password; said is the name alone. `usage.path` names a database as well.
  'database.url': ({ database }) => (database.engine === 'sqlite' ? database.path : database.url),
  'responses.store': ({ responses }) => responses.isStored,
  'usage.store': ({ usage }) => usage.store,
  'usage.keep': ({ usage }) => usage.keepMs,
  'usage.max_size': ({ usage }) => usage.maxBytes,
};

/** The settings of a new configuration that differ from what runs, and take a restart. */
export function restartNeeded(running: Config, next: Config): string[] {
  return Object.entries(READ_ONCE)
    .filter(([, read]) => read(running) !== read(next))
    .map(([name]) => name);
}
