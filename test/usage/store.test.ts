import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UsageRecord } from '../../src/usage/record.ts';
import { createSqliteStore } from '../../src/usage/sqlite.ts';
import type { UsageFilter, UsagePage, UsagePlace, UsageStore } from '../../src/usage/store.ts';
import { createWorkerStore } from '../../src/usage/worker-store.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { ALL, buildRecord, buildRecords, DAY, NOON } from '../support/usage-records.ts';

/** What every store keeps to. */
describe.each([
  ['in this thread', createSqliteStore],
  ['in a thread of its own', createWorkerStore],
] as const)('a store %s', (_name, create: (path: string) => UsageStore) => {
  function open(path = join(temporaryFolder(), 'deep', 'usage.db')): UsageStore {
    const store = create(path);
    onTestFinished(() => store.close());
    return store;
  }

  it('returns the added records, the newest first', async () => {
    const store = open();
    const records = [
      buildRecord({ id: 'a' }),
      buildRecord({ id: 'b', provider: null, prompt_tokens: null, cost_usd: null, cost_source: null, ttft_ms: null }),
    ];
    await store.append(records);
    expect(await store.page(ALL, 10, null)).toEqual({ records: records.toReversed(), next: null });
  });

  it('pages through them, and new ones move nothing', async () => {
    const store = open();
    await store.append(buildRecords(5));
    const first = await store.page(ALL, 2, null);
    await store.append([buildRecord({ id: '6' })]);
    const second = await store.page(ALL, 2, first.next);
    const third = await store.page(ALL, 2, second.next);
    const ids = [first, second, third].map(({ records }) => records.map(({ id }) => id));
    expect(ids).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.next).toBeNull();
  });

  it('pages by the time of the calls, however late they are written', async () => {
    const store = open();
    const at = (created: number): UsageRecord => buildRecord({ id: String(created), created });
    await store.append([4, 1, 3, 6, 2, 5].map(at));
    const ids: string[][] = [];
    let after: UsagePlace | null = null;
    for (let page = 0; page < 3; page++) {
      const { records, next }: UsagePage = await store.page(ALL, 2, after);
      ids.push(records.map(({ id }) => id));
      after = next;
      await store.append([at(7)]);
    }
    expect(ids).toEqual([
      ['6', '5'],
      ['4', '3'],
      ['2', '1'],
    ]);
    expect(after).toBeNull();
  });

  it.each<[string, Partial<UsageFilter>, string[]]>([
    ['key', { key: 'team-b' }, ['b']],
    ['model', { model: 'flash' }, ['c']],
    ['provider', { provider: 'gemini' }, ['c']],
    ['outcome', { outcome: 'failed' }, ['d']],
    ['time', { from: NOON - DAY, to: NOON }, ['d']],
    ['several', { key: 'team-a', model: 'luna', from: NOON }, ['a']],
  ])('filters by %s', async (_name, filter, expected) => {
    const store = open();
    await store.append([
      buildRecord({ id: 'a' }),
      buildRecord({ id: 'b', key: 'team-b' }),
      buildRecord({ id: 'c', model: 'flash', provider: 'gemini' }),
      buildRecord({ id: 'd', outcome: 'failed', created: NOON - DAY }),
    ]);
    const { records } = await store.page({ ...ALL, ...filter }, 10, null);
    expect(records.map(({ id }) => id)).toEqual(expected);
    expect(await store.sums({ ...ALL, ...filter }, [], 1)).toMatchObject([{ calls: expected.length }]);
  });

  it('sums up, with the calls whose cost is unknown', async () => {
    const store = open();
    await store.append([
      ...buildRecords(2, { wasted_tokens: 7, wasted_cost_usd: 0.5 }),
      buildRecord({ outcome: 'cancelled', cost_usd: null, cost_source: null }),
      buildRecord({ outcome: 'failed', prompt_tokens: null, usage_source: null, cost_usd: null, cost_source: null }),
    ]);
    expect(await store.sums(ALL, [], 1)).toEqual([
      {
        group: {},
        calls: 4,
        failed: 1,
        cancelled: 1,
        attempts: 4,
        prompt_tokens: 300,
        cached_tokens: 160,
        completion_tokens: 80,
        reasoning_tokens: 20,
        cost_usd: 0.02,
        calls_with_unknown_cost: 1,
        wasted_tokens: 14,
        wasted_cost_usd: 1,
      },
    ]);
  });

  it('has no cost when no call has one', async () => {
    const store = open();
    await store.append([buildRecord({ cost_usd: null, cost_source: null })]);
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ cost_usd: null, calls_with_unknown_cost: 1 }]);
  });

  it('groups in order, up to a limit', async () => {
    const store = open();
    const noProvider = { provider: null, created: NOON + 2 * DAY };
    await store.append([
      ...buildRecords(2),
      buildRecord({ model: 'flash', created: NOON + DAY }),
      buildRecord(noProvider),
    ]);
    const byDay = await store.sums(ALL, ['day', 'model', 'provider'], 10);
    expect(byDay.map(({ group, calls }) => [group, calls])).toEqual([
      [{ day: '2026-11-24', model: 'luna', provider: 'openai' }, 2],
      [{ day: '2026-11-25', model: 'flash', provider: 'openai' }, 1],
      [{ day: '2026-11-26', model: 'luna', provider: null }, 1],
    ]);
    expect(await store.sums(ALL, ['day'], 2)).toHaveLength(2);
    expect(await store.sums(ALL, ['month', 'key', 'outcome'], 9)).toMatchObject([
      { group: { month: '2026-11', key: 'team-a', outcome: 'completed' }, calls: 4 },
    ]);
  });

  it('deletes what has expired (usage.keep), in steps', async () => {
    const store = open();
    await store.append([...buildRecords(5, { created: NOON - DAY }), buildRecord({ id: 'new' })]);
    const limits = { before: NOON, maxBytes: 1024 ** 3 };
    expect([await store.prune(limits, 3), await store.prune(limits, 3), await store.prune(limits, 3)]).toEqual([
      3, 2, 0,
    ]);
    expect((await store.page(ALL, 10, null)).records.map(({ id }) => id)).toEqual(['new']);
  });

  it('deletes the oldest records when it is too large', async () => {
    const store = open();
    await store.append(buildRecords(2000));
    const limits = { before: 0, maxBytes: 100_000 };
    let removed = 0;
    for (let step = -1; step !== 0; removed += step) step = await store.prune(limits, 200);
    const { records } = await store.page(ALL, 1000, null);
    expect(removed).toBe(2000 - records.length);
    expect(records.length).toBeGreaterThan(100);
    expect(records[0]?.id).toBe('2000');
  });

  it('reopens after it was closed', async () => {
    const path = join(temporaryFolder(), 'usage.db');
    const first = create(path);
    await first.append([buildRecord()]);
    await first.close();
    expect(await open(path).sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
  });

  it('rejects when it cannot be opened, and works as soon as it can', async () => {
    const folder = temporaryFolder();
    const { mkdirSync, rmSync } = await import('node:fs');
    const path = join(folder, 'usage.db');
    mkdirSync(path);
    const store = open(path);
    await expect(store.append([buildRecord()])).rejects.toThrow('unable to open database file');
    rmSync(path, { recursive: true });
    await store.append([buildRecord()]);
    expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
  });
});
