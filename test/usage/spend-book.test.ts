import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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
/** Every call that has ended was told. */
const NOTHING = (): void => undefined;
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
async function call(process: Process, usd: number): Promise<Booking | null> {
  const ended = await untold(process, usd);
  ended?.tell();
  return ended?.booking ?? null;
}

/** A call whose record is not yet put down. */
async function untold({ governance, writer }: Process, usd: number) {
  const { ledger } = governance;
  const id = `a/${++calls}`;
  const answer = await ledger.reserve(id, [KEY, ORG], ask(usd * USD));
  if (answer.outcome !== 'admitted') return null;
  const settled = await ledger.settle(id, { nano: usd * USD, tokens: 10, cachedTokens: 0 });
  if (settled.outcome !== 'settled') throw new Error('It was open.');
  const { booking } = settled;
  return { booking, tell: () => writer.add({ record: buildRecord({ id, cost_usd: usd }), booking }) };
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
      await before.spend.seed(BOTH, NOTHING);
      expect(await call(before, 3)).not.toBeNull();
      expect(await call(before, 2)).not.toBeNull();
      expect(await call(before, 1)).toBeNull();
      await before.writer.close();

      const after = await start(url, START + 1000);
      await after.spend.seed(BOTH, NOTHING);
      expect(await call(after, 1)).toBeNull();
      const [key] = await after.spend.read([KEY.id]);
      expect(key?.spentNano).toEqual({ day: 5 * USD, week: 5 * USD, month: 5 * USD, total: 5 * USD });

      const tomorrow = await start(url, START + DAY_MS);
      await tomorrow.spend.seed(BOTH, NOTHING);
      expect(await call(tomorrow, 1)).not.toBeNull();
      const [next] = await tomorrow.spend.read([KEY.id]);
      expect(next?.spentNano).toMatchObject({ day: USD, month: 6 * USD, total: 6 * USD });
    });

    it('adds up to the log, in each scope', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH, NOTHING);
      for (let count = 0; count < 250; count++) await call(one, 0.000_012_345);
      await one.writer.flush();
      const { rows } = await one.store.spent([KEY.id, ORG.id], ['total'], null);
      expect(rows.map(({ nano, calls }) => [nano, calls])).toEqual([
        [250 * 12_345, 250],
        [250 * 12_345, 250],
      ]);
      expect(await one.store.sums(ALL, [], 1)).toMatchObject([{ calls: 250, cost_usd: 250 * 12_345e-9 }]);
    });

    it('is known anew where another process has begun a window anew: with what waits here, and has only just ended', async () => {
      const url = await createUrl();
      const [one, other] = [await start(url), await start(url)];
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 3);
      await one.writer.flush();
      expect(await other.spend.reset(KEY.id, 'day')).toBe(3 * USD);
      await call(one, 1);
      const ended = await untold(one, 0.5);
      expect(await spentToday(one)).toBe(4.5);
      await one.spend.renew([KEY.id, 'key:unknown'], () => ended?.tell());
      const [key, org] = await one.spend.read([KEY.id, ORG.id]);
      expect(key?.spentNano).toEqual({ day: 1.5 * USD, week: 4.5 * USD, month: 4.5 * USD, total: 4.5 * USD });
      expect(org?.spentNano.day).toBe(4.5 * USD);
      await one.writer.close();
      expect(await spentToday(await start(url))).toBe(1.5);
    });

    it('counts what waits to be written once, while it is written and when the store is away', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 1);
      await one.governance.ledger.forget(KEY.id);
      expect(await spentToday(one)).toBe(1);
      // While a batch is on its way.
      const flushed = one.writer.flush();
      await one.spend.seed(BOTH, NOTHING);
      await flushed;
      expect(await spentToday(one)).toBe(1);

      await call(one, 1);
      one.fault = 'before';
      await one.writer.flush();
      await one.governance.ledger.forget(KEY.id);
      await one.spend.seed(BOTH, NOTHING);
      expect(await spentToday(one)).toBe(2);
      one.fault = null;
      await one.writer.flush();
      expect(await spentToday(await start(await createUrl()))).toBe(0);
    });

    it('counts once what the store has although it said otherwise', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 1);
      one.fault = 'after';
      await one.writer.flush();
      await call(one, 2);
      await one.governance.ledger.forget(KEY.id);
      await one.spend.seed(BOTH, NOTHING);
      expect(await spentToday(one)).toBe(3);
      one.fault = null;
      await one.writer.flush();
      await one.writer.flush();
      expect(await spentToday(await start(url))).toBe(3);
    });

    it('is right for calls that end while it is read', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH, NOTHING);
      for (let round = 0; round < 20; round++) {
        for (let count = 0; count < 10; count++) await call(one, 0.01);
        await one.governance.ledger.forget(KEY.id);
        const flushed = one.writer.flush();
        await Promise.all([one.spend.seed(BOTH, NOTHING), one.spend.seed(BOTH, NOTHING), one.spend.read([ORG.id])]);
        await flushed;
      }
      expect(await spentToday(one)).toBeCloseTo(2, 9);
      expect(await spentToday(one, ORG.id)).toBeCloseTo(2, 9);
    });

    it('begins a window anew when told so, in the database and the ledger, and no other one', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 5);
      expect(await call(one, 1)).toBeNull();
      expect(await one.spend.reset(KEY.id, 'day')).toBe(5 * USD);
      expect(await one.spend.reset(KEY.id, 'day')).toBe(0);
      const [key, org] = await one.spend.read([KEY.id, ORG.id]);
      expect(key?.spentNano).toMatchObject({ day: 0, month: 5 * USD });
      expect(org?.spentNano).toMatchObject({ day: 5 * USD });
      await one.writer.flush();
      const after = await start(url);
      await after.spend.seed(BOTH, NOTHING);
      expect(await after.spend.read([KEY.id, ORG.id])).toEqual([key, org]);
      // Of what the ledger does not know, too.
      expect(await (await start(url)).spend.reset(ORG.id, 'month')).toBe(5 * USD);
      expect(await spentToday(await start(url), ORG.id)).toBe(5);
      expect((await (await start(url)).spend.read([ORG.id]))[0]?.spentNano.month).toBe(0);
    });

    it('takes back once what was to be taken back twice', async () => {
      const url = await createUrl();
      const one = await start(url);
      await one.spend.seed(BOTH, NOTHING);
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
      const seeded = one.spend.seed(BOTH, NOTHING);
      free(0.5);
      await seeded;
      free(0.25);
      expect(await spentToday(one)).toBe(3.75);
      expect(await call(one, 2)).toBeNull();
      await one.writer.flush();
      expect((await one.store.spent([KEY.id], ['d20261128'], null)).rows).toMatchObject([{ nano: 3.75 * USD }]);
    });

    it('has the ledger let go of a key that is gone, and what it spent stays on record', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 3);
      await one.writer.flush();
      one.spend.forget(KEY.id);
      expect(await one.governance.ledger.read([KEY.id, ORG.id])).toMatchObject([null, { heldNano: 0 }]);
      expect([await spentToday(one), await spentToday(one, ORG.id)]).toEqual([3, 3]);
    });

    it('counts for a budget that is set later, where calls were let in without one before it could be read', async () => {
      const url = await createUrl();
      const before = await start(url);
      await before.spend.seed(BOTH, NOTHING);
      await call(before, 2);
      await before.writer.close();

      const one = await start(url);
      const { ledger } = one.governance;
      for (const { id } of BOTH) await ledger.change(id, { version: 1, limits: UNLIMITED, spent: null });
      await call(one, 0.5);
      await one.writer.flush();
      await call(one, 1);
      const [open] = [await ledger.reserve('open', [KEY, ORG], ask(USD / 4))];
      const ended = await untold(one, 0.5);
      expect(open.outcome).toBe('admitted');
      // Those that the ledger does not know all of are read from the database, with what calls in flight hold.
      ended?.tell();
      expect(await one.spend.read([KEY.id])).toMatchObject([{ spentNano: { day: 4 * USD }, heldNano: USD / 4 }]);

      for (const { id } of BOTH) await ledger.change(id, { version: 2, limits: HARD });
      const unknown = { outcome: 'unknown', scopes: [KEY.id, ORG.id] };
      expect(await ledger.reserve('next', [KEY, ORG], ask(USD))).toEqual(unknown);
      expect(await ledger.extend('open', ask(USD))).toEqual(unknown);
      const late = { version: 2, limits: HARD };
      await one.spend.seed(
        BOTH.map(({ id }) => ({ id, ...late })),
        NOTHING,
      );
      expect(await ledger.read([KEY.id, ORG.id])).toMatchObject([
        { isSeeded: true, heldNano: USD / 4, windows: { day: { spentNano: 4 * USD } } },
        { isSeeded: true, heldNano: USD / 4, windows: { day: { spentNano: 4 * USD } } },
      ]);
      expect(await call(one, 1)).toBeNull();
      expect(await call(one, 0.75)).not.toBeNull();
    });

    it('counts also what has ended and was not told yet, when it can be read at last', async () => {
      const one = await start(await createUrl());
      for (const { id } of BOTH) await one.governance.ledger.change(id, { version: 1, limits: UNLIMITED, spent: null });
      await call(one, 1);
      const ended = await untold(one, 2);
      await one.spend.seed(BOTH, () => ended?.tell());
      expect(await spentToday(one)).toBe(3);
    });

    it('has it let go of one also where a call that was let in before made it known anew', async () => {
      const one = await start(await createUrl());
      const seeded = one.spend.seed(BOTH, NOTHING);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      one.spend.forget(KEY.id);
      await seeded;
      expect(await call(one, 1)).not.toBeNull();
      const isKnown = async () => (await one.governance.ledger.read([KEY.id, ORG.id])).map((read) => read !== null);
      expect(await isKnown()).toEqual([true, true]);
      vi.advanceTimersByTime(6 * 60_000);
      expect(await isKnown()).toEqual([false, true]);
    });

    it('tells the ledger newer limits, without a look at the database', async () => {
      const one = await start(await createUrl());
      await one.spend.seed(BOTH, NOTHING);
      await call(one, 4);
      await one.store.close();
      const limits = { ...UNLIMITED, budget: budget('hard', { day: 10 }) };
      await one.spend.seed(
        [KEY, ORG].map(({ id }) => ({ id, version: 2, limits })),
        NOTHING,
      );
      expect(await call(one, 6)).not.toBeNull();
    });

    it('forgets days, weeks and months that limit nothing any more', async () => {
      const url = await createUrl();
      const spendAt = async (at: number): Promise<void> => {
        const one = await start(url, at);
        await one.spend.seed(BOTH, NOTHING);
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
