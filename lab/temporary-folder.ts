import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];
process.once('exit', () => {
  // A server that is stopping may remove a file of its own at the same time: rmSync gives up silently then.
  for (const folder of folders) while (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is removed when the bench ends; servers that run as another user can enter it. */
export function makeTemporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}
