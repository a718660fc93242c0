import { isIPv4 } from 'node:net';

/** Why a host may not be bound without keys; null when it may. @param shown the host, as the text may show it */
export function openHostProblem(host: string, keyCount: number, shown = `'${host}'`): string | null {
  if (keyCount > 0 || isLoopback(host)) return null;
  return (
    `no keys are configured, and ${shown} can be reached from other machines: anybody could spend your money. ` +
    "Add auth.keys, make a key with 'sluice keys create', or use a loopback host such as 127.0.0.1"
  );
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  const v4 = name.replace(/^::ffff:/, '');
  return name === 'localhost' || name === '::1' || (isIPv4(v4) && v4.startsWith('127.'));
}
