import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGovernance } from '../../src/limits/governance.ts';
import type { Booking } from '../../src/limits/spend.ts';
import { createSpendBook, type SpendBook } from '../../src/usage/spend-book.ts';
import { createUsageWriter, type UsageWriter } from '../../src/usage/writer.ts';
import { ask, budget, KEY, ORG, START, UNLIMITED, USD } from '../limits/ledgers.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';
import { ALL, buildRecord } from '../support/usage-records.ts';
import { openUsage, type TestUsageStore } from '../support/usage-stores.ts';

const DAY_MS = 86_400_000;
const ENGINES: readonly [string, boolean, () => string | Promise<string>][] = [
  ['SQLite', false, () => join(temporaryFolder(), 'usage.db')],
  ['Postgres', NO_POSTGRES, createPostgresDatabase],
];
const HARD = { ...UNLIMITED, budget: budget('hard', { day: 5, month: 20 }) };
const BOTH = [KEY, ORG].map(({ id }) => ({ id, version: 1, limits: HARD }));

/** A process: its ledger, its writer and its spend book, over a store that may fail. */
interface Process {
  readonly governance: ReturnType<typeof createGovernance>;
  readonly writer: UsageWriter;
  readonly spend: SpendBook;
  readonly store: TestUsageStore;
  /** Whether the store fails, and whether it did the work all the same. */
  fault: 'before' | 'after' | null;
}

async function start(url: string, at = START): Promise<Process> {
  const store = await openUsage(url);
  const state: Pick<Process, 'fault'> = { fault: null };
  const now = (): number => at;
  const governance = createGovernance(now);
  const append: TestUsageStore['append'] = async (...batch) => {
    if (state.fault === 'before') throw new Error('The database is away.');
    await store.append(...batch);
    if (state.fault === 'after') throw new Error('The answer to the commit was lost.');
  };
  const writer = createUsageWriter({
    append: (entries, batch) =>
      append(
        entries.flatMap(({ record }) => record ?? []),
        batch,
        governance.spendRows(entries.flatMap(({ booking }) => booking ?? [])),
      ),
    now,
    newId: randomUUID,
    failed: () => undefined,
    recovered: () => undefined,
  });
  const spend = createSpendBook({ ...store, append }, writer, {
    ...governance,
    now,
    newId: randomUUID,
    isLogged: true,
    failed: () => undefined,
  });
  return Object.assign(state, { governance, writer, spend, store });
}

let calls = 0;

/** A call of the key and its organisation, from its admission to its record; null where it is refused. */
async function call({ governance, writer }: Process, usd: number): Promise<Booking | null> {
  const { ledger } = governance;
  const id = `a/${++calls}`;
  const answer = await ledger.reserve(id, [KEY, ORG], ask(usd * USD));
  if (answer.outcome !== 'admitted') return null;
  const settled = await ledger.settle(id, { nano: usd * USD, tokens: 10, cachedTokens: 0 });
  if (settled.outcome !== 'settled') throw new Error('It was open.');
  writer.add({ record: buildRecord({ id, cost_usd: usd }), booking: settled.booking });
  return settled.booking;
}

const spentToday = async ({ spend }: Process, scope = KEY.id): Promise<number> => {
  const [spent] = await spend.read([scope]);
  return (spent?.spentNano.day ?? 0) / USD;
};

/** What every store keeps of what was spent. */
describe.each(ENGINES)('what was spent, on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('with a database of its own', () => {
    it('outlives the process: a budget that is used up stays used up, until its window ends', async () => {
      const url = await createUrl();
      const before = await start(url);
      await before.spend.seed(BOTH);
      expect(await call(before, 3)).not.toBeNull();
      expect(await call(before, 2)).not.toBeNull();
      expect(await call(before, 1)).toBeNull();
      await before.writer.close();

      const after = await start(url, START + 1000);
      await after.spend.seed(BOTH);
      expect(await call(after, 1)).toBeNull();
      const [key] = await after.spend.read([KEY.id]);
      expect(key?.spentNano).toEqual({ day: 5 * USD, week: 5 * USD, month: 5 * USD, total: 5 * USD });

      const tomorrow = await start(url, START + DAY_MS);
      await tomorrow.spend.seed(BOTH);
      expect(await call(tomorrow, 1)).not.toBeNull();
      const [next] = await tomorrow.spend.read([KEY.id]);
      expect(next?.spentNano).toMatchObject({ day: USD, month: 6 * USD, total: 6 * USD });
    });

    it('adds up to the log, in each scope', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH);
      for (let count = 0; count < 250; count++) await call(one, 0.000_012_345);
      await one.writer.flush();
      const { rows } = await one.store.spent([KEY.id, ORG.id], ['total'], null);
      expect(rows.map(({ nano, calls }) => [nano, calls])).toEqual([
        [250 * 12_345, 250],
        [250 * 12_345, 250],
      ]);
      expect(await one.store.sums(ALL, [], 1)).toMatchObject([{ calls: 250, cost_usd: 250 * 12_345e-9 }]);
    });

    it('counts what waits to be written once, while it is written and when the store is away', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH);
      await call(one, 1);
      await one.governance.ledger.forget(KEY.id);
      expect(await spentToday(one)).toBe(1);
      // While a batch is on its way.
      const flushed = one.writer.flush();
      await one.spend.seed(BOTH);
      await flushed;
      expect(await spentToday(one)).toBe(1);

      await call(one, 1);
      one.fault = 'before';
      await one.writer.flush();
      await one.governance.ledger.forget(KEY.id);
      await one.spend.seed(BOTH);
      expect(await spentToday(one)).toBe(2);
      one.fault = null;
      await one.writer.flush();
      expect(await spentToday(await start(await createUrl()))).toBe(0);
    });

    it('counts once what the store has although it said otherwise', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH);
      await call(one, 1);
      one.fault = 'after';
      await one.writer.flush();
      await call(one, 2);
      await one.governance.ledger.forget(KEY.id);
      await one.spend.seed(BOTH);
      expect(await spentToday(one)).toBe(3);
      one.fault = null;
      await one.writer.flush();
      await one.writer.flush();
      expect(await spentToday(await start(url))).toBe(3);
    });

    it('is right for calls that end while it is read', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH);
      for (let round = 0; round < 20; round++) {
        for (let count = 0; count < 10; count++) await call(one, 0.01);
        await one.governance.ledger.forget(KEY.id);
        const flushed = one.writer.flush();
        await Promise.all([one.spend.seed(BOTH), one.spend.seed(BOTH), one.spend.read([ORG.id])]);
        await flushed;
      }
      expect(await spentToday(one)).toBeCloseTo(2, 9);
      expect(await spentToday(one, ORG.id)).toBeCloseTo(2, 9);
    });

    it('begins a window anew when told so, in the database and the ledger, and no other one', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH);
      await call(one, 5);
      expect(await call(one, 1)).toBeNull();
      expect(await one.spend.reset(KEY.id, 'day')).toBe(5 * USD);
      expect(await one.spend.reset(KEY.id, 'day')).toBe(0);
      const [key, org] = await one.spend.read([KEY.id, ORG.id]);
      expect(key?.spentNano).toMatchObject({ day: 0, month: 5 * USD });
      expect(org?.spentNano).toMatchObject({ day: 5 * USD });
      await one.writer.flush();
      const after = await start(url);
      await after.spend.seed(BOTH);
      expect(await after.spend.read([KEY.id, ORG.id])).toEqual([key, org]);
      // Of what the ledger does not know, too.
      expect(await (await start(url)).spend.reset(ORG.id, 'month')).toBe(5 * USD);
      expect(await spentToday(await start(url), ORG.id)).toBe(5);
      expect((await (await start(url)).spend.read([ORG.id]))[0]?.spentNano.month).toBe(0);
    });

    it('takes back once what was to be taken back twice', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH);
      await call(one, 5);
      await one.writer.flush();
      one.fault = 'after';
      await expect(one.spend.reset(KEY.id, 'day')).rejects.toThrow('lost');
      expect(await spentToday(one)).toBe(5);
      one.fault = null;
      await Promise.all([one.spend.reset(KEY.id, 'day'), one.spend.reset(KEY.id, 'day')]);
      expect([await spentToday(one), await spentToday(await start(url))]).toEqual([0, 0]);
    });

    it('counts calls without a reservation, before a limit is set and after', async () => {
      const one = await start(await createUrl());
      const free = (usd: number): void => {
        const windows = one.governance.windowsAt(START);
        const booking: Booking = { scopes: [KEY, ORG], windows, nano: usd * USD, tokens: 1 };
        one.spend.bookUnreserved(booking);
        one.writer.add({ record: buildRecord({ cost_usd: usd }), booking });
      };
      free(1);
      await one.writer.flush();
      free(2);
      const seeded = one.spend.seed(BOTH);
      free(0.5);
      await seeded;
      free(0.25);
      expect(await spentToday(one)).toBe(3.75);
      expect(await call(one, 2)).toBeNull();
      await one.writer.flush();
      expect((await one.store.spent([KEY.id], ['d20261128'], null)).rows).toMatchObject([{ nano: 3.75 * USD }]);
    });

    it('tells the ledger newer limits, without a look at the database', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH);
      await call(one, 4);
      await one.store.close();
      const limits = { ...UNLIMITED, budget: budget('hard', { day: 10 }) };
      await one.spend.seed([KEY, ORG].map(({ id }) => ({ id, version: 2, limits })));
      expect(await call(one, 6)).not.toBeNull();
    });

    it('forgets days, weeks and months that limit nothing any more', async () => {
      const url = await createUrl();
      const spendAt = async (at: number): Promise<void> => {
        const one = await start(url, at);
        await one.spend.seed(BOTH);
        await call(one, 1);
        await one.writer.close();
      };
      for (const daysAgo of [70, 40, 8, 2, 1, 0]) await spendAt(START - daysAgo * DAY_MS);
      const { store, spend } = await start(url);
      spend.tidy();
      const windows = ['d20261128', 'd20261127', 'd20261126', 'w202648', 'w202647', 'w202646'];
      const months = ['m202611', 'm202610', 'm202609', 'total'];
      await expect
        .poll(async () =>
          (await store.spent([KEY.id], [...windows, ...months], null)).rows.map(({ win }) => win).sort(),
        )
        .toEqual(['d20261127', 'd20261128', 'm202610', 'm202611', 'total', 'w202647', 'w202648']);
      expect((await spend.read([KEY.id]))[0]?.spentNano.total).toBe(6 * USD);
    });
  });
});
