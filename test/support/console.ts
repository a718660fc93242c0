import { execFileSync } from 'node:child_process';

/** Builds the console where it is served from; nothing is done when it is of the sources as they are. */
export function buildConsole(): void {
  execFileSync(process.execPath, ['console/build.js'], { stdio: 'pipe' });
}
