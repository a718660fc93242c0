import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOpenToOthers } from '../../src/database/private-file.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { buildRecord } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

/** Whatever the umask: who runs the tests may have a strict one. */
function withUmask(umask: number): void {
  const before = process.umask(umask);
  onTestFinished(() => void process.umask(before));
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

async function write(path: string): Promise<void> {
  const store = await openUsage(path);
  await store.append([buildRecord()]);
}

describe.skipIf(process.platform === 'win32')('the file permissions of an SQLite database', () => {
  it('are 0600 for it and the files beside it, in a directory of 0700', async () => {
    withUmask(0);
    const path = join(temporaryFolder(), 'deep', 'data', 'usage.db');
    await write(path);
    for (const ending of ['', '-wal', '-shm']) expect(modeOf(path + ending)).toBe('600');
    expect([modeOf(dirname(path)), modeOf(dirname(dirname(path)))]).toEqual(['700', '700']);
  });

  it('leave an existing directory unchanged', async () => {
    const folder = join(temporaryFolder(), 'data');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    await write(join(folder, 'usage.db'));
    expect(modeOf(folder)).toBe('755');
  });

  it('of an earlier version are closed to other users', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    for (const ending of ['', '-wal', '-shm']) {
      writeFileSync(path + ending, '');
      chmodSync(path + ending, 0o644);
    }
    expect(isOpenToOthers(path)).toBe(true);
    await write(path);
    for (const ending of ['', '-wal', '-shm']) expect(modeOf(path + ending)).toBe('600');
    expect(isOpenToOthers(path)).toBe(false);
  });
});
