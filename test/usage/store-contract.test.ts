import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../../src/usage/attempts.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import type { EndedFilter, UsageFilter, UsagePage, UsagePlace } from '../../src/usage/store.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';
import { ALL, ALL_ENDED, buildRecord, buildRecords, DAY, NOON } from '../support/usage-records.ts';
import { openUsage, type TestUsageStore } from '../support/usage-stores.ts';
import { whenFree } from '../support/when-free.ts';

const ENGINES: readonly [string, boolean, () => string | Promise<string>][] = [
  ['SQLite', false, () => join(temporaryFolder(), 'deep', 'usage.db')],
  ['Postgres', NO_POSTGRES, createPostgresDatabase],
];

const ATTEMPT: AttemptRecord = {
  number: 1,
  model: 'luna',
  provider: 'openai',
  started_ms: NOON * 1000,
  rescue: 'continued',
  ttft_ms: null,
  duration_ms: 12.5,
  kind: 'server',
  status: 500,
  message: 'It failed.',
};

/** What every usage store keeps to. */
describe.each(ENGINES)('a usage store on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('with a database of its own', () => {
    const open = async (): Promise<TestUsageStore> => openUsage(await createUrl());

    it('returns the added records, the newest first', async () => {
      const store = await open();
      const records = [
        buildRecord({ id: 'a' }),
        buildRecord({ id: 'b', provider: null, prompt_tokens: null, cost_usd: null, cost_source: null, ttft_ms: null }),
      ];
      await store.append(records);
      expect(await store.page(ALL, 10, null)).toEqual({ records: records.toReversed(), next: null });
    });

    it('pages through them, and new ones move nothing', async () => {
      const store = await open();
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
      const store = await open();
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
      ['organisation', { org: 'acme' }, ['c']],
      ['one of several organisations', { org: ['acme', 'team', 'none'] }, ['c', 'b']],
      ['none of no organisations', { org: [] }, []],
      ['time', { from: NOON - DAY, to: NOON }, ['d']],
      ['several', { key: 'team-a', model: 'luna', from: NOON }, ['a']],
    ])('filters by %s', async (_name, filter, expected) => {
      const store = await open();
      await store.append([
        buildRecord({ id: 'a' }),
        buildRecord({ id: 'b', key: 'team-b', org: 'team' }),
        buildRecord({ id: 'c', model: 'flash', provider: 'gemini', org: 'acme' }),
        buildRecord({ id: 'd', outcome: 'failed', created: NOON - DAY }),
      ]);
      const { records } = await store.page({ ...ALL, ...filter }, 10, null);
      expect(records.map(({ id }) => id)).toEqual(expected);
      expect(await store.sums({ ...ALL, ...filter }, [], 1)).toMatchObject([{ calls: expected.length }]);
    });

    it('sums up, with the calls whose cost is unknown', async () => {
      const store = await open();
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
          estimated_tokens: 0,
          cost_usd: 0.02,
          estimated_cost_usd: 0,
          calls_with_unknown_cost: 1,
          wasted_tokens: 14,
          wasted_cost_usd: 1,
        },
      ]);
    });

    it('has no cost when no call has one', async () => {
      const store = await open();
      await store.append([buildRecord({ cost_usd: null, cost_source: null })]);
      expect(await store.sums(ALL, [], 1)).toMatchObject([
        { cost_usd: null, estimated_cost_usd: null, calls_with_unknown_cost: 1 },
      ]);
    });

    it('says how much of a cost and of the tokens was estimated', async () => {
      const store = await open();
      const estimate = { usage_source: 'estimate', cost_source: 'estimate', cost_usd: 0.2 } as const;
      await store.append([buildRecord(), ...buildRecords(2, estimate), buildRecord({ model: 'flash' })]);
      expect(await store.sums(ALL, ['model'], 10)).toMatchObject([
        { cost_usd: 0.01, estimated_cost_usd: 0, estimated_tokens: 0 },
        { cost_usd: 0.41, estimated_cost_usd: 0.4, estimated_tokens: 240 },
      ]);
    });

    it('groups in order, up to a limit', async () => {
      const store = await open();
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

    it('cuts hours, days and months by the clock that it is given, also behind UTC', async () => {
      const store = await open();
      // 12:00, 22:59 and 23:30 of the 30th of November in UTC.
      const times = [0, 6 * DAY, 6 * DAY + 39_540, 6 * DAY + 41_400].map((after) => NOON + after);
      await store.append(times.map((created) => buildRecord({ created })));
      const split = async (group: 'hour' | 'day' | 'month', aheadSeconds?: number): Promise<unknown[]> =>
        (await store.sums(ALL, [group], 9, aheadSeconds)).map(({ group: of, calls }) => [of[group], calls]);
      expect(await split('hour')).toEqual([
        ['2026-11-24T12:00', 1],
        ['2026-11-30T12:00', 1],
        ['2026-11-30T22:00', 1],
        ['2026-11-30T23:00', 1],
      ]);
      expect(await split('hour', 5400)).toEqual([
        ['2026-11-24T13:00', 1],
        ['2026-11-30T13:00', 1],
        ['2026-12-01T00:00', 1],
        ['2026-12-01T01:00', 1],
      ]);
      expect(await split('day', 3600)).toEqual([
        ['2026-11-24', 1],
        ['2026-11-30', 2],
        ['2026-12-01', 1],
      ]);
      expect(await split('month', 3600)).toEqual([
        ['2026-11', 3],
        ['2026-12', 1],
      ]);
      expect(await split('day', -13 * 3600)).toEqual([
        ['2026-11-23', 1],
        ['2026-11-29', 1],
        ['2026-11-30', 2],
      ]);
    });

    it('deletes what has expired (usage.keep), in steps', async () => {
      const store = await open();
      await store.append([...buildRecords(5, { created: NOON - DAY }), buildRecord({ id: 'new' })]);
      const limits = { before: NOON, maxBytes: 1024 ** 3 };
      expect([await store.prune(limits, 3), await store.prune(limits, 3), await store.prune(limits, 3)]).toEqual([
        3, 2, 0,
      ]);
      expect((await store.page(ALL, 10, null)).records.map(({ id }) => id)).toEqual(['new']);
    });

    it('deletes the oldest records when it is too large', async () => {
      const store = await open();
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
      const url = await createUrl();
      const first = await openUsage(url);
      await first.append([buildRecord()]);
      await first.close();
      expect(await (await openUsage(url)).sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
    });

    it('writes a batch once, however often it is tried', async () => {
      const store = await open();
      await store.append(buildRecords(3), 'batch');
      await store.append(buildRecords(3), 'batch');
      await store.append(buildRecords(3), 'another');
      expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 6 }]);
    });

    it('writes all of a batch or nothing, and then it is as good as new', async () => {
      const store = await open();
      const broken = { ...buildRecord(), model: null as unknown as string };
      await expect(store.append([buildRecord(), broken], 'batch')).rejects.toThrow(/not.null/i);
      expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 0 }]);
      await store.append([buildRecord()], 'batch');
      expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 1 }]);
    });

    it('keeps every character, but for NUL, which Postgres does not have', async () => {
      const store = await open();
      const record = buildRecord({
        user: 'Ann "é" 🦊 \\ \t',
        metadata: { 'a,b': '{NULL}', "it's": '' },
        dropped_params: ['a,b', '"{}'],
      });
      await store.append([record, buildRecord({ user: 'a\0b' })]);
      const [last, first] = (await store.page(ALL, 2, null)).records;
      expect(first).toEqual(record);
      expect(last?.user).toMatch(/^a[\0\uFFFD]b$/);
    });

    it('finds ended calls with their attempts, which are no part of a page', async () => {
      const store = await open();
      const failed = buildRecord({ id: 'failed', outcome: 'failed', error_code: 'timeout', latency_ms: 9000 });
      const tries = [ATTEMPT, { ...ATTEMPT, number: 2, kind: null, rescue: null }];
      await store.append([buildRecord({ id: 'plain' }), { ...failed, tries }, buildRecord({ id: 'later' })]);
      const ended = async (filter: Partial<EndedFilter>): Promise<readonly UsageRecord[]> =>
        (await store.ended({ ...ALL_ENDED, ...filter }, 9, null)).records;
      expect((await ended({})).map(({ id }) => id)).toEqual(['later', 'failed', 'plain']);
      expect(await ended({ errorCode: 'timeout' })).toEqual([{ ...failed, tries }]);
      expect(await ended({ slowerThanMs: 8999 })).toEqual([{ ...failed, tries }]);
      expect(await ended({ id: 'failed' })).toEqual([{ ...failed, tries }]);
      expect(await ended({ id: 'fail' })).toEqual([]);
      expect(await ended({ outcome: 'cancelled' })).toEqual([]);
      expect((await store.page({ ...ALL, outcome: 'failed' }, 9, null)).records).toEqual([failed]);
    });

    it('finds ended calls by the model that was asked for or answered, and those whose cost is unknown', async () => {
      const store = await open();
      const nothing = { usage_source: null, cost_usd: null, cost_source: null };
      await store.append([
        buildRecord({ id: 'answered', requested_model: 'auto' }),
        buildRecord({ id: 'asked', model: 'flash', cost_usd: null, cost_source: null }),
        buildRecord({ id: 'older', model: 'flash', requested_model: null, ...nothing }),
      ]);
      const ended = async (filter: Partial<EndedFilter>): Promise<readonly string[]> =>
        (await store.ended({ ...ALL_ENDED, ...filter }, 9, null)).records.map(({ id }) => id);
      expect(await ended({ eitherModel: 'luna' })).toEqual(['asked', 'answered']);
      expect(await ended({ eitherModel: 'flash' })).toEqual(['older', 'asked']);
      expect(await ended({ eitherModel: 'luna', model: 'flash' })).toEqual(['asked']);
      expect(await ended({ isCostUnknown: true })).toEqual(['asked']);
    });

    it('deletes the attempts with their call', async () => {
      const store = await open();
      await store.append([buildRecord({ created: NOON - DAY, attempts: 2, tries: [ATTEMPT] })]);
      expect(await store.prune({ before: NOON, maxBytes: 1024 ** 3 }, 9)).toBe(1);
      await store.append([buildRecord({ attempts: 2 })]);
      const { records } = await store.ended(ALL_ENDED, 9, null);
      expect(records).toEqual([buildRecord({ attempts: 2 })]);
    });

    it('takes several writers at once', async () => {
      const url = await createUrl();
      const stores = await Promise.all([1, 2, 3].map(() => openUsage(url)));
      const write = (store: TestUsageStore): Promise<void> => {
        const batch = randomUUID();
        return whenFree(() => store.append(buildRecords(20), batch));
      };
      for (let round = 0; round < 5; round++) await Promise.all(stores.map(write));
      expect(await stores[0]?.sums(ALL, [], 1)).toMatchObject([{ calls: 300 }]);
    });
  });
});
