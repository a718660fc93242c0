import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UsageStore } from '../../src/usage/store.ts';
import { createUsageLog, type UsageLog } from '../../src/usage/usage-log.ts';
import { createUsageWriter, type UsageWriter } from '../../src/usage/writer.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { ALL, buildRecord, buildRecords, DAY, NOON, toEntry } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

const ANYBODY = { keyName: 'anonymous' };

/** A usage log over this store at noon, with what it said. */
function start(store: UsageStore): { usage: UsageLog; writer: UsageWriter; notes: string[] } {
  const notes: string[] = [];
  const note = (_facts: object, text: string): void => void notes.push(text);
  const config = { store: 'sqlite', path: null, keepMs: 30 * DAY * 1000, maxBytes: 1024 ** 3 } as const;
  const now = (): number => NOON * 1000;
  const writer = createUsageWriter({
    append: (entries, batch) =>
      store.append(
        entries.flatMap(({ record }) => record ?? []),
        batch,
        [],
      ),
    now,
    newId: () => crypto.randomUUID(),
    failed: () => undefined,
    recovered: () => undefined,
  });
  const context = { notes: { info: note, warn: note, error: note }, now, database: 'usage.db' };
  const usage = createUsageLog(store, writer, config, context);
  onTestFinished(() => usage.close());
  return { usage, writer, notes };
}

describe('the usage log', () => {
  it('deletes at its start what is older than usage.keep, however much that is', async () => {
    const store = await openUsage(join(temporaryFolder(), 'usage.db'));
    await store.append([
      ...buildRecords(2500, { created: NOON - 31 * DAY }),
      buildRecord({ created: NOON - 29 * DAY }),
    ]);
    const { usage } = start(store);
    await expect.poll(async () => (await usage.sums(ANYBODY, ALL, [], 1))[0]?.calls).toBe(1);
  });

  it('counts a call that has just ended', async () => {
    const { usage, writer } = start(await openUsage(join(temporaryFolder(), 'usage.db')));
    writer.add(toEntry(buildRecord({ id: 'call-1' })));
    expect((await usage.page(ANYBODY, ALL, 10, null)).records.map(({ id }) => id)).toEqual(['call-1']);
  });

  it('reports when it cannot be read', async () => {
    const store = await openUsage(join(temporaryFolder(), 'usage.db'));
    const { usage, notes } = start({ ...store, sums: () => Promise.reject(new Error('disk I/O error')) });
    await expect(usage.sums(ANYBODY, ALL, [], 1)).rejects.toThrow('disk I/O error');
    expect(notes).toEqual(['the usage log cannot be read']);
  });
});
