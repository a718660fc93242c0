import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { openHostProblem } from './open-host.ts';
import { restartNeeded } from './restart.ts';

// The composition root is given configurations, and imports each room once.
export type { Config } from './config.ts';

/** The configuration that the process began with, the one that runs, and the one that is to run next. */
export interface Reload {
  readonly started: Config;
  readonly running: Config;
  readonly next: Config;
}

const OPENED =
  'there are no keys (auth.keys) any more, and the running configuration has some: restart to run without keys';

/**
 * Refuses to serve without keys where other machines can call: a name such as localhost may mean any address.
 * @throws ConfigError
 */
export function admitStart(boundAddress: string, config: Config): void {
  refuse(config, openHostProblem(boundAddress, config.keys.length));
}

/**
 * Refuses a reload that would open a running gateway. What counts is the address that is bound, not the host that the
 * new file names: a file that is emptied, or cut in two by an editor, must not let everybody in.
 * @returns the settings that differ from those of the start, and take a restart
 * @throws ConfigError
 */
export function admitReload(boundAddress: string, { started, running, next }: Reload): readonly string[] {
  const isOpened = running.keys.length > 0 && next.keys.length === 0;
  refuse(next, isOpened ? OPENED : openHostProblem(boundAddress, next.keys.length));
  return restartNeeded(started, next);
}

function refuse({ files: [file = ''] }: Config, problem: string | null): void {
  if (problem !== null) throw new ConfigError([{ file, line: 1, column: 1, text: problem }]);
}
