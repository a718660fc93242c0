import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { ALL, buildRecord, buildRecords } from '../support/usage-records.ts';
import { openUsage, type TestUsageStore } from '../support/usage-stores.ts';

const open = (path = join(temporaryFolder(), 'usage.db')): Promise<TestUsageStore> => openUsage(path);

describe('usage sums in a worker thread of their own', () => {
  it('hold up neither writes nor pages', async () => {
    const store = await open();
    for (let batch = 0; batch < 10; batch++) await store.append(buildRecords(5000));
    let summed = 0;
    const sums = Array.from({ length: 20 }, async () => {
      await store.sums(ALL, ['day', 'model'], 10);
      summed++;
    });
    for (let count = 0; count < 5; count++) await store.append([buildRecord({ id: 'meanwhile' })]);
    const { records } = await store.page(ALL, 1, null);
    expect(records[0]?.id).toBe('meanwhile');
    expect(summed).toBeLessThan(20);
    await Promise.all(sums);
  });

  it('find everything that was written before them', async () => {
    const store = await open();
    for (let count = 1; count <= 50; count++) {
      await store.append([buildRecord()]);
      expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: count }]);
    }
  });

  it('find a new file in place of one that was deleted', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const store = await open(path);
    await store.append(buildRecords(3));
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 3 }]);
    for (const ending of ['', '-wal', '-shm']) rmSync(path + ending);
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 0 }]);
    await store.append([buildRecord()]);
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
  });

  it('leave the file whole when the store is closed: no WAL beside it', async () => {
    const folder = temporaryFolder();
    const store = await open(join(folder, 'usage.db'));
    await store.append(buildRecords(3));
    await store.sums(ALL, [], 1);
    await store.close();
    expect(readdirSync(folder)).toEqual(['usage.db']);
  });
});
