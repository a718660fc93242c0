import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The journeys go through what is served: built from the sources as they are now. */
export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../console/build.js')], { stdio: 'inherit' });
}
