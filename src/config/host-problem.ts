import type { Problem } from './config-error.ts';
import type { Main } from './cross-check.ts';
import { openHostProblem } from './open-host.ts';
import { SERVER } from './settings/server.ts';

/** The host that a flag or a variable puts in place of `server.host`. */
export interface HostOverride {
  /** Which one, to be blamed: `--host` or `HOST`. */
  readonly from: string;
  readonly value: string;
}

/** What speaks against the host without keys. Where a flag or a variable names it, it stands in no file. */
export function hostProblemOf(main: Main, override: HostOverride | null): Problem | null {
  const keyCount = main.written?.auth?.keys?.length ?? 0;
  if (override !== null) {
    const text = openHostProblem(override.value, keyCount);
    return text === null ? null : { file: override.from, line: 0, column: 0, text };
  }
  const path = ['server', 'host'];
  const host = main.written?.server?.host ?? SERVER.host.default;
  const text = openHostProblem(host, keyCount, main.found(path, host));
  return text === null ? null : main.problem(path, text);
}
