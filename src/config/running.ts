import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { openHostProblem } from './open-host.ts';
import { restartNeeded } from './restart.ts';

// The composition root is given configurations, and imports each room once.
export type { Config } from './config.ts';
export { createConfiguration } from './configuration.ts';
export type { Environment } from './environment.ts';
export { openHostProblem } from './open-host.ts';

/** The configuration that the process began with, the one that runs, and the one that is to run next. */
export interface Reload {
  readonly started: Config;
  readonly running: Config;
  readonly next: Config;
}

const OPENED =
  'there are no keys (auth.keys) any more, and the running configuration has some: restart to run without keys';

/**
 * Refuses a host that other machines can reach where there are no keys.
 * @param holdsKeys whether the database holds keys, or may
 * @throws ConfigError
 */
export function admitHost({ hostProblem }: Config, holdsKeys: boolean): void {
  if (hostProblem !== null && !holdsKeys) throw new ConfigError([hostProblem]);
}

/**
 * The same for the address that is really bound: a name such as localhost may mean any.
 * @throws ConfigError
 */
export function admitStart(boundAddress: string, config: Config, holdsKeys: boolean): void {
  refuse(config, openHostProblem(boundAddress, keyCount(config, holdsKeys)));
}

/**
 * Refuses a reload that would open a running gateway. What counts is the address that is bound, not the host that the
 * new file names: a file that is emptied, or cut in two by an editor, must not let everybody in.
 * @returns the settings that differ from those of the start, and take a restart
 * @throws ConfigError
 */
export function admitReload(
  boundAddress: string,
  { started, running, next }: Reload,
  holdsKeys: boolean,
): readonly string[] {
  const isOpened = running.keys.length > 0 && next.keys.length === 0 && !holdsKeys;
  refuse(next, isOpened ? OPENED : openHostProblem(boundAddress, keyCount(next, holdsKeys)));
  admitHost(next, holdsKeys);
  return restartNeeded(started, next);
}

function keyCount({ keys }: Config, holdsKeys: boolean): number {
  return keys.length + (holdsKeys ? 1 : 0);
}

function refuse({ files: [file = ''] }: Config, problem: string | null): void {
  if (problem !== null) throw new ConfigError([{ file, line: 1, column: 1, text: problem }]);
}
