import { beforeEach, describe, expect, it } from 'vitest';
import type { Admitted, Ask, Ledger, Limits, Refused } from '../../src/limits/ledger.ts';
import { modelScope, type Scope } from '../../src/limits/scope.ts';
import { type SpendRow, spendRows } from '../../src/limits/spend.ts';
import { ask, budget, KEY, LEDGERS, ORG, PARENT, START, UNLIMITED, USD } from './ledgers.ts';

const CHAIN = [KEY, ORG, PARENT];
const DAY_MS = 86_400_000;

describe.each(LEDGERS)('a ledger in %s', (_name, createLedger) => {
  let at = START;
  let ledger: Ledger;
  let made = 0;

  beforeEach(async () => {
    at = START;
    made = 0;
    ledger = createLedger(() => at);
    for (const { id } of CHAIN) await ledger.change(id, { version: 0, limits: UNLIMITED });
  });

  function limit(scope: Scope, limits: Partial<Limits>, version = 1) {
    return ledger.change(scope.id, { version, limits: { ...UNLIMITED, ...limits } });
  }

  /** @returns the id of the call beside the answer */
  async function reserve(wanted: Ask = ask(0), scopes: readonly Scope[] = CHAIN) {
    const id = `call-${made++}`;
    return { id, answer: await ledger.reserve(id, scopes, wanted) };
  }

  async function admit(wanted?: Ask, scopes?: readonly Scope[]): Promise<Admitted & { readonly id: string }> {
    const { id, answer } = await reserve(wanted, scopes);
    return answer.outcome === 'admitted' ? { ...answer, id } : expect.unreachable(JSON.stringify(answer));
  }

  async function refuse(wanted?: Ask, scopes?: readonly Scope[]): Promise<Refused> {
    const { answer } = await reserve(wanted, scopes);
    return answer.outcome === 'refused' ? answer : expect.unreachable(JSON.stringify(answer));
  }

  function settle(id: string, nano = 0, tokens = 0, cachedTokens = 0) {
    return ledger.settle(id, { nano, tokens, cachedTokens });
  }

  async function read({ id }: Scope) {
    const [reading] = await ledger.read([id]);
    return reading ?? expect.unreachable(`${id} is unknown`);
  }

  async function spentIn(scope: Scope): Promise<number[]> {
    return Object.values((await read(scope)).windows).map(({ spentNano }) => spentNano);
  }

  describe('requests a minute', () => {
    it('are refused when they are used up, with the time after which one is there again', async () => {
      await limit(KEY, { rpm: 2 });
      await admit();
      await admit();
      const refused = await refuse();
      expect(refused).toMatchObject({ scope: KEY, hit: { limit: 'rpm', most: 2 }, retryAfterMs: 30_000 });
      at += 30_000;
      await admit();
    });

    it('are told by the scope with the least share left', async () => {
      await limit(KEY, { rpm: 60 });
      await limit(ORG, { rpm: 10 });
      const { standing } = await admit();
      expect(standing.requests).toMatchObject({ limit: 10, remaining: 9, resetMs: 6000 });
      expect(standing).toMatchObject({ tokens: null, budgetNano: null });
    });

    it('are not given back by a clock that was set back', async () => {
      await limit(KEY, { rpm: 1 });
      await admit();
      at -= 3_600_000;
      expect(await refuse()).toMatchObject({ retryAfterMs: 60_000 });
      at += 60_000;
      await admit();
    });
  });

  describe('tokens a minute', () => {
    it('are taken as estimated, and corrected by what was really used', async () => {
      await limit(KEY, { tpm: 1000 });
      const { id, standing } = await admit(ask(0, 900));
      expect(standing.tokens).toMatchObject({ limit: 1000, remaining: 100 });
      expect(await refuse(ask(0, 200))).toMatchObject({
        hit: { limit: 'tpm', most: 1000, asked: 200 },
        retryAfterMs: 6000,
      });
      await settle(id, 0, 150, 50);
      expect((await read(KEY)).tokens?.remaining).toBe(900);
    });

    it('count cached ones where that is set', async () => {
      await limit(KEY, { tpm: 1000, countsCached: true });
      const { id } = await admit(ask(0, 900));
      await settle(id, 0, 150, 50);
      expect((await read(KEY)).tokens?.remaining).toBe(850);
    });

    it('give nothing back for a call that came before there was a limit', async () => {
      const early = await admit(ask(0, 900));
      await limit(KEY, { tpm: 1000 });
      await admit(ask(0, 600));
      await settle(early.id);
      expect((await read(KEY)).tokens?.remaining).toBe(400);
    });
  });

  describe('a limit of 0', () => {
    it('gives nothing back for a call that came before it, when there is a limit again', async () => {
      await limit(KEY, { tpm: 1000 });
      const early = await admit(ask(0, 900));
      await limit(KEY, { tpm: 0 }, 2);
      await limit(KEY, { tpm: 1000 }, 3);
      await admit(ask(0, 600));
      await settle(early.id);
      expect((await read(KEY)).tokens?.remaining).toBe(400);
    });

    it.each([{ rpm: 0 }, { tpm: 0 }, { concurrency: 0 }])(
      'lets nothing pass, whenever it is asked: %j',
      async (none) => {
        await limit(KEY, { rpm: 1 });
        await admit();
        await limit(ORG, none);
        expect(await refuse()).toMatchObject({ scope: ORG, retryAfterMs: null });
      },
    );

    it('is what is told of what is left', async () => {
      await limit(KEY, { rpm: 10 });
      await limit(ORG, { rpm: 0 });
      expect(await refuse()).toMatchObject({ standing: { requests: { limit: 0, remaining: 0 } } });
    });
  });

  describe('calls in flight', () => {
    it('are the open reservations', async () => {
      await limit(ORG, { concurrency: 2 });
      const { id } = await admit();
      await admit();
      expect(await refuse()).toMatchObject({ scope: ORG, hit: { limit: 'concurrency', most: 2 }, retryAfterMs: 1000 });
      expect((await read(KEY)).inFlight).toBe(2);
      await settle(id);
      await admit();
    });

    it('may have parts, which are no further requests, and keep others out', async () => {
      await limit(KEY, { rpm: 1, concurrency: 1 });
      const { id } = await admit();
      const part = await admit({ ...ask(0), isPart: true });
      expect(part.standing.requests?.remaining).toBe(0);
      await settle(id);
      expect(await refuse()).toMatchObject({ hit: { limit: 'rpm' } });
      expect((await read(KEY)).inFlight).toBe(1);
      await settle(part.id);
      expect((await read(KEY)).inFlight).toBe(0);
    });
  });

  describe('a hard budget', () => {
    it('admits what is left in every window of every scope, and holds it', async () => {
      await limit(KEY, { budget: budget('hard', { day: 5, month: 8 }) });
      await limit(PARENT, { budget: budget('hard', { total: 7 }) });
      expect((await admit(ask(2 * USD))).standing.budgetNano).toBe(3 * USD);
      expect(await refuse(ask(4 * USD))).toMatchObject({
        scope: KEY,
        retryAfterMs: null,
        standing: { budgetNano: 3 * USD },
        hit: {
          ...{ limit: 'budget', window: 'day', mostNano: 5 * USD, spentNano: 0, heldNano: 2 * USD, askedNano: 4 * USD },
          beginsAnewAt: Date.UTC(2026, 10, 29),
        },
      });
      await admit(ask(3 * USD));
      expect(await refuse(ask(1))).toMatchObject({ hit: { window: 'day' } });
      await admit(ask(2 * USD), [PARENT]);
      expect(await refuse(ask(1), [PARENT])).toMatchObject({ hit: { window: 'total', beginsAnewAt: null } });
    });

    it('names the window that lasts longest, of those without enough', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1, week: 1, month: 1, total: 5 }) });
      expect(await refuse(ask(2 * USD))).toMatchObject({ hit: { window: 'month' } });
    });

    it('begins anew with its window', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1, week: 3 }) });
      for (const days of [0, 1, 2]) {
        at = Date.UTC(2026, 10, 30 + days);
        await settle((await admit(ask(USD))).id, USD);
        expect(await refuse(ask(1))).toMatchObject({ hit: { window: days < 2 ? 'day' : 'week' } });
      }
      at = Date.UTC(2026, 11, 6, 23, 59, 59);
      expect(await refuse(ask(1))).toMatchObject({ hit: { window: 'week' } });
      at += 1000;
      expect(await spentIn(KEY)).toEqual([0, 0, 2 * USD, 3 * USD]);
      await admit(ask(USD));
    });

    it('grants less to what can be made shorter, down to the least that is of use', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1 }) });
      const wanted = { nano: 3 * USD, leastNano: USD / 2, tokens: 0 };
      expect((await admit(wanted)).nano).toBe(USD);
      expect(await refuse(wanted)).toMatchObject({ hit: { limit: 'budget', askedNano: USD / 2 } });
    });

    it('refuses what has no price; a soft one, and none, lets it pass', async () => {
      const unpriced = { nano: null, leastNano: null, tokens: 5 };
      expect((await admit(unpriced)).nano).toBe(0);
      await limit(ORG, { budget: budget('soft', { day: 1 }) });
      await admit(unpriced);
      await limit(ORG, { budget: budget('hard', { day: 1 }) });
      expect(await refuse(unpriced)).toMatchObject({ scope: ORG, hit: { limit: 'price' }, retryAfterMs: null });
    });

    it('says by how much a call has overdrawn it, and refuses even what costs nothing from then on', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1, total: 1.5 }) });
      const first = await admit(ask(USD / 4));
      const second = await admit(ask(USD / 4));
      expect(await settle(first.id, 1.25 * USD)).toMatchObject({ overrunNano: USD / 4 });
      expect(await settle(second.id, USD / 2)).toMatchObject({ overrunNano: USD / 2 });
      expect(await refuse(ask(0))).toMatchObject({ hit: { spentNano: 1.75 * USD } });
    });

    it('is not begun anew by a clock that was set back over midnight', async () => {
      at = Date.UTC(2026, 10, 29, 0, 0, 1);
      await limit(KEY, { budget: budget('hard', { day: 1 }) });
      await settle((await admit(ask(USD))).id, USD);
      at -= 2000;
      await refuse(ask(1));
      at += 4000;
      expect(await refuse(ask(1))).toMatchObject({ hit: { spentNano: USD } });
      // A clock that was wrong by days is followed: its windows would not come again for as long.
      at -= 2 * DAY_MS;
      expect((await spentIn(KEY))[0]).toBe(0);
    });
  });

  describe('a soft budget', () => {
    it('tells that little is left and that it is used up, each once a window as something new', async () => {
      await limit(ORG, { budget: budget('soft', { day: 1 }) });
      const alerts = async (nano: number) => (await admit(ask(nano))).alerts;
      expect(await alerts(0.7 * USD)).toEqual([]);
      expect(await alerts(0.2 * USD)).toEqual([{ scope: ORG, window: 'day', level: 'near', isFirst: true }]);
      expect(await alerts(0)).toMatchObject([{ level: 'near', isFirst: false }]);
      expect(await alerts(USD)).toMatchObject([{ level: 'exceeded', isFirst: true }]);
      expect(await alerts(USD)).toMatchObject([{ level: 'exceeded', isFirst: false }]);
      expect((await admit()).standing.budgetNano).toBe(-1.9 * USD);
      // Each key of an organisation that calls for the first time makes its limits known.
      await limit(ORG, { budget: budget('soft', { day: 1 }) });
      expect(await alerts(0)).toMatchObject([{ level: 'exceeded', isFirst: false }]);
      await limit(ORG, { budget: budget('soft', { day: 1.5 }) });
      expect(await alerts(0)).toMatchObject([{ level: 'exceeded', isFirst: true }]);
      at += DAY_MS;
      // What is held has no day.
      expect(await alerts(0)).toMatchObject([{ level: 'exceeded', isFirst: true }]);
    });
  });

  describe('a refusal', () => {
    it('consumes nothing, in no scope', async () => {
      await limit(KEY, { rpm: 10, tpm: 10_000, budget: budget('hard', { day: 1 }) });
      await limit(ORG, { concurrency: 0 });
      for (let tries = 0; tries < 20; tries++) await refuse(ask(USD / 10, 1000));
      await limit(ORG, {}, 2);
      const { standing } = await admit(ask(0, 1000));
      expect(standing).toMatchObject({ requests: { remaining: 9 }, tokens: { remaining: 9000 }, budgetNano: USD });
    });

    it('names what lasts longest: money before time, the longer wait before the shorter', async () => {
      await limit(KEY, { rpm: 2, burst: 0.5 });
      await limit(ORG, { rpm: 1 });
      await limit(PARENT, { rpm: 4, burst: 0.25 });
      await admit();
      expect(await refuse()).toMatchObject({ scope: ORG, retryAfterMs: 60_000 });
      await limit(PARENT, { rpm: 4, budget: budget('hard', { day: 0 }) });
      expect(await refuse(ask(1))).toMatchObject({ scope: PARENT, hit: { limit: 'budget' } });
    });
  });

  describe('extending', () => {
    it('sets aside what is missing to a sum, and takes its tokens', async () => {
      await limit(KEY, { tpm: 10_000, budget: budget('hard', { day: 1 }) });
      const { id } = await admit(ask(USD / 2, 1000));
      expect(await ledger.extend(id, ask(0.8 * USD, 3000))).toEqual({
        ...{ outcome: 'extended', nano: 0.8 * USD },
        standing: { requests: null, tokens: expect.objectContaining({ remaining: 7000 }), budgetNano: 0.2 * USD },
        alerts: [{ scope: KEY, window: 'day', level: 'near', isFirst: true }],
      });
      // Less is covered already: asked once more after a lost answer it has no effect.
      expect(await ledger.extend(id, ask(0.6 * USD, 3000))).toMatchObject({ outcome: 'extended', nano: 0.8 * USD });
      expect(await read(KEY)).toMatchObject({ heldNano: 0.8 * USD, inFlight: 1, tokens: { remaining: 7000 } });
    });

    it('is refused where a hard budget has too little, and changes nothing then', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1 }) });
      const { id } = await admit(ask(USD / 2));
      expect(await ledger.extend(id, ask(1.1 * USD))).toMatchObject({
        outcome: 'refused',
        hit: { limit: 'budget', askedNano: 0.6 * USD, heldNano: USD / 2 },
      });
      expect(await ledger.extend(id, { nano: null, leastNano: null, tokens: 0 })).toMatchObject({
        hit: { limit: 'price' },
      });
      expect((await read(KEY)).heldNano).toBe(USD / 2);
      expect(await ledger.extend(id, { ...ask(1.1 * USD), leastNano: 0.9 * USD })).toMatchObject({ nano: USD });
    });

    it('takes in the limits of another model as a new call would', async () => {
      const [first, second] = [modelScope(KEY, 'a'), modelScope(KEY, 'b')];
      await limit(first, { rpm: 5 });
      await limit(second, { rpm: 1, concurrency: 1 });
      const { id } = await admit(ask(0, 10), [KEY, first]);
      await ledger.extend(id, ask(0, 20), [second]);
      expect(await ledger.extend(id, ask(0, 30), [second])).toMatchObject({ outcome: 'extended' });
      expect(await read(second)).toMatchObject({ inFlight: 1, requests: { remaining: 0 } });
      const other = await admit(ask(0, 10), [KEY, first]);
      expect(await ledger.extend(other.id, ask(0, 20), [second])).toMatchObject({ outcome: 'refused', scope: second });
      await settle(id);
      expect((await read(second)).inFlight).toBe(0);
    });

    it('is clamped to what the joined scopes have, of which the call has nothing yet', async () => {
      await limit(ORG, { budget: budget('hard', { day: 1 }) });
      const { id } = await admit(ask(USD / 2), [KEY]);
      expect(await ledger.extend(id, { ...ask(3 * USD), leastNano: USD }, [ORG])).toMatchObject({ nano: USD });
      expect((await read(ORG)).heldNano).toBe(USD);
    });

    it('a call that is not open says so', async () => {
      expect(await ledger.extend('none', ask(1))).toEqual({ outcome: 'not-open' });
    });
  });

  describe('settling', () => {
    it('books what the call came to once, and gives the rest back', async () => {
      const { id } = await admit(ask(5 * USD));
      const settled = await settle(id, USD, 42);
      expect(settled).toEqual({
        outcome: 'settled',
        overrunNano: 0,
        booking: { scopes: CHAIN, windows: [20261128, 202648, 202611, 0], nano: USD, tokens: 42 },
      });
      expect(await settle(id, USD, 42)).toEqual({ outcome: 'not-open' });
      for (const scope of CHAIN) {
        expect(await spentIn(scope)).toEqual([USD, USD, USD, USD]);
        expect(await read(scope)).toMatchObject({ heldNano: 0, inFlight: 0 });
      }
    });

    it('books into the windows of the admission: one that is over has no part in what is left', async () => {
      await limit(KEY, { budget: budget('hard', { day: 1 }) });
      const { id } = await admit(ask(USD));
      at += DAY_MS;
      await refuse(ask(1));
      const settled = await settle(id, USD);
      expect(settled).toMatchObject({ booking: { windows: [20261128, 202648, 202611, 0] }, overrunNano: 0 });
      expect(await spentIn(KEY)).toEqual([0, USD, USD, USD]);
      await admit(ask(USD));
    });
  });

  it('reserving again for an open call takes nothing more', async () => {
    await limit(KEY, { rpm: 5 });
    const { id } = await admit(ask(7));
    expect(await ledger.reserve(id, CHAIN, ask(9))).toMatchObject({ outcome: 'admitted', nano: 7 });
    expect(await read(KEY)).toMatchObject({ inFlight: 1, heldNano: 7, requests: { remaining: 4 } });
    await settle(id);
    expect(await ledger.reserve(id, CHAIN, ask(9))).toMatchObject({ outcome: 'admitted', nano: 9 });
  });

  describe('a scope', () => {
    const NEW: Scope = { id: 'key:new', role: 'key', model: null };

    it('that is unknown is to be made known first, and nothing is taken till then', async () => {
      const { answer } = await reserve(ask(5), [KEY, NEW]);
      expect(answer).toEqual({ outcome: 'unknown', scopes: ['key:new'] });
      const { id } = await admit(ask(5));
      expect(await ledger.extend(id, ask(9), [NEW])).toEqual({ outcome: 'unknown', scopes: ['key:new'] });
      expect([await ledger.read(['key:new']), (await read(KEY)).heldNano]).toEqual([[null], 5]);
    });

    it('begins with what the database has of its windows', async () => {
      const row = (scope: Scope, win: string, nano: number): SpendRow => ({
        scope: scope.id,
        win,
        nano,
        calls: 1,
        tokens: 1,
      });
      const spent = [
        row(NEW, 'd20261127', 1),
        row(NEW, 'd20261128', 2),
        row(NEW, 'm202611', 3),
        row(NEW, 'total', 4),
        row(KEY, 'total', 9),
      ];
      await ledger.change(NEW.id, { version: 1, limits: UNLIMITED, spent });
      expect([await spentIn(NEW), await spentIn(KEY)]).toEqual([
        [2, 0, 3, 4],
        [0, 0, 0, 0],
      ]);
      // Known by now: what is in memory is the newer.
      await ledger.change(NEW.id, { version: 2, limits: UNLIMITED, spent });
      expect(await spentIn(NEW)).toEqual([2, 0, 3, 4]);
    });

    it('without a budget is good before it is known what it has spent; with one it is unknown till then', async () => {
      await ledger.change(NEW.id, { version: 1, limits: { ...UNLIMITED, rpm: 9 }, spent: null });
      const { id } = await admit(ask(5), [NEW]);
      await settle((await admit(ask(0), [NEW])).id, 3);
      await limit(NEW, { budget: budget('hard', { day: 1 }) }, 2);
      const unknown = { outcome: 'unknown', scopes: [NEW.id] };
      expect((await reserve(ask(5), [KEY, NEW])).answer).toEqual(unknown);
      expect(await ledger.extend(id, ask(6))).toEqual(unknown);
      expect([await read(NEW), await read(KEY)]).toMatchObject([{ isSeeded: false }, { isSeeded: true }]);
      const spent = [{ scope: NEW.id, win: 'd20261128', nano: USD - 20, calls: 1, tokens: 1 }];
      // Older terms, which came with the sums.
      await ledger.change(NEW.id, { version: 1, limits: UNLIMITED, spent });
      expect(await spentIn(NEW)).toEqual([USD - 20, 3, 3, 3]);
      await refuse(ask(16), [NEW]);
      await admit(ask(15), [NEW]);
      await ledger.change(NEW.id, { version: 2, limits: UNLIMITED, spent });
      expect(await read(NEW)).toMatchObject({
        isSeeded: true,
        heldNano: 20,
        windows: { day: { spentNano: USD - 20 } },
      });
    });

    it('keeps what was spent, held and owed when its limits change, and leaves older limits aside', async () => {
      await limit(KEY, { rpm: 10, budget: budget('hard', { day: 1 }) });
      await settle((await admit(ask(USD / 2))).id, USD / 2);
      await admit(ask(USD / 4));
      await limit(KEY, { rpm: 100, budget: budget('hard', { day: 2 }) }, 3);
      await limit(KEY, { rpm: 1, budget: budget('hard', { day: 0 }) }, 2);
      const { requests, windows } = await read(KEY);
      expect(requests).toMatchObject({ limit: 100, remaining: 98 });
      expect(windows.day).toEqual({
        ...{ spentNano: USD / 2, limitNano: 2 * USD, leftNano: 1.25 * USD },
        beginsAnewAt: Date.UTC(2026, 10, 29),
      });
    });

    it('can be corrected by rows that the database has', async () => {
      await settle((await admit(ask(USD), [KEY])).id, USD);
      const { windows } = await read(KEY);
      await ledger.book([{ scope: KEY.id, win: 'd20261128', nano: -windows.day.spentNano, calls: 0, tokens: 0 }]);
      await ledger.book([{ scope: 'key:unknown', win: 'total', nano: 5, calls: 0, tokens: 0 }]);
      expect(await spentIn(KEY)).toEqual([0, USD, USD, USD]);
    });

    it('is forgotten when its last call has ended', async () => {
      const { id } = await admit(ask(USD));
      await ledger.forget(KEY.id);
      await ledger.forget('key:unknown');
      expect((await read(KEY)).heldNano).toBe(USD);
      const settled = await settle(id, USD);
      expect(await ledger.read([KEY.id, ORG.id])).toMatchObject([null, { windows: { day: { spentNano: USD } } }]);
      expect(spendRows(settled.outcome === 'settled' ? [settled.booking] : [])).toHaveLength(12);
    });

    it('is forgotten with its limits for single models, and what of them came back with it again', async () => {
      const ofModel = modelScope(KEY, 'demo');
      const inUse = modelScope(KEY, 'slow');
      for (const scope of [ofModel, inUse, modelScope(ORG, 'demo')]) await limit(scope, { rpm: 1 });
      const { id } = await admit(ask(0), [KEY, inUse]);
      const known = async () => (await ledger.read([ofModel.id, inUse.id])).map((reading) => reading !== null);
      await ledger.forget(KEY.id);
      expect(await known()).toEqual([false, true]);
      await settle(id);
      expect(await known()).toEqual([false, false]);
      for (const scope of [KEY, ofModel]) await limit(scope, { rpm: 1 });
      await ledger.forget(KEY.id);
      expect(await known()).toEqual([false, false]);
      expect(await read(modelScope(ORG, 'demo'))).toMatchObject({ requests: { limit: 1 } });
    });

    it('is forgotten with limits for single models that its last call came to after it was', async () => {
      const { id } = await admit(ask(0), [KEY]);
      await ledger.forget(KEY.id);
      const [late, refusing] = [modelScope(KEY, 'late'), modelScope(KEY, 'refusing')];
      for (const scope of [late, refusing]) await limit(scope, { rpm: scope === late ? 1 : 0 });
      expect(await ledger.extend(id, ask(0), [late])).toMatchObject({ outcome: 'extended' });
      expect(await ledger.extend(id, ask(0), [refusing])).toMatchObject({ outcome: 'refused' });
      await settle(id);
      expect(await ledger.read([KEY.id, late.id, refusing.id])).toEqual([null, null, null]);
    });

    it('is not forgotten that came back before', async () => {
      const { id } = await admit(ask(USD));
      await ledger.forget(KEY.id);
      await limit(KEY, {});
      await settle(id, USD);
      expect(await spentIn(KEY)).toEqual([USD, USD, USD, USD]);
    });
  });
});
