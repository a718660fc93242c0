import { isIPv4 } from 'node:net';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

/** Why a host may not be bound without keys; null when it may. @param shown the host, as the text may show it */
export function openHostProblem(host: string, keyCount: number, shown = `'${host}'`): string | null {
  if (keyCount > 0 || isLoopback(host)) return null;
  return (
    `no keys are configured, and ${shown} can be reached from other machines: anybody could spend your money. ` +
    'Add auth.keys, or use a loopback host such as 127.0.0.1'
  );
}

/**
 * Refuses to serve without keys where other machines can call: a name such as localhost may mean any address.
 * @param close takes the address back
 * @throws ConfigError
 */
export function refuseOpenStart(boundAddress: string, config: Config, close: () => void): void {
  const problem = openHostProblem(boundAddress, config.keys.length);
  if (problem !== null) close();
  refuse(config, problem);
}

/**
 * Refuses a reload that would open a running gateway. What counts is the address that is bound, not the host that the
 * new file names: a file that is emptied, or cut in two by an editor, must not let everybody in.
 * @throws ConfigError
 */
export function refuseOpenReload(boundAddress: string, running: Config, next: Config): void {
  const isOpened = running.keys.length > 0 && next.keys.length === 0;
  refuse(next, isOpened ? OPENED : openHostProblem(boundAddress, next.keys.length));
}

const OPENED =
  'there are no keys (auth.keys) any more, and the running configuration has some: restart to run without keys';

function refuse({ files: [file = ''] }: Config, problem: string | null): void {
  if (problem !== null) throw new ConfigError([{ file, line: 1, column: 1, text: problem }]);
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  const v4 = name.replace(/^::ffff:/, '');
  return name === 'localhost' || name === '::1' || (isIPv4(v4) && v4.startsWith('127.'));
}
