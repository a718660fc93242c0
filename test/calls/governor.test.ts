import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createChance } from '../../lab/chance.ts';
import type { GovernedLimits, GovernedScope } from '../../src/access/limits.ts';
import type { TranslatedCall } from '../../src/calls/call.ts';
import { createGovernor, type Governor } from '../../src/calls/governor.ts';
import { resolveGovernance } from '../../src/config/config.ts';
import { createGovernance, type Governance } from '../../src/limits/governance.ts';
import { settlementOf } from '../../src/limits/settlement.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { createAttempt } from '../../src/routing/attempt.ts';
import { attemptCost } from '../../src/usage/record.ts';
import { buildCall } from '../support/calls.ts';
import { keyNamed } from '../support/keys.ts';
import { buildTarget } from '../support/targets.ts';

const NOW = Date.UTC(2026, 10, 28);
const RULES = resolveGovernance();
const NO_RATES = { rpm: null, tpm: null, concurrency: null, burst: null };
const NO_MONEY = { day: null, week: null, month: null, total: null, on: 'hard', softAt: null } as const;
const LIMITS: GovernedLimits = { ...NO_RATES, budget: null, onExhausted: 'cut', models: {} };
const TARGETS = [1, 3, 10].map((price) => ({
  ...buildTarget(`p/m${price}`),
  prices: [{ input: price, output: 10 * price }],
}));

interface Door {
  readonly governor: Governor;
  readonly governance: Governance;
  readonly seeded: string[];
  readonly overruns: number[];
  /** A call of a key and its organisation, that has not been admitted yet. */
  begin(id: string, isStream: boolean): TranslatedCall;
  admit(call: TranslatedCall): Promise<boolean>;
  /** Loads the rules anew. */
  reload(): void;
}

/** @param database settles when that has said what was spent */
function openDoor(limits: Partial<GovernedLimits>, database = () => nextTurn()): Door {
  const governance = createGovernance(() => NOW);
  const [seeded, overruns]: [string[], number[]] = [[], []];
  const running: TranslatedCall[] = [];
  let rules = RULES;
  const governor = createGovernor({
    governance,
    config: () => ({
      governance: rules,
      passthrough: { default: null, isShared: false, reserveUsd: 0.01, bodyLimitBytes: 0 },
    }),
    running: () => running,
    now: () => NOW,
    p95TokensOf: () => null,
    costOf: (attempt) => attemptCost(attempt).usd,
    alert: () => undefined,
    overran: (nano) => overruns.push(nano),
    reportBug: (error) => {
      throw error;
    },
    async seed(scopes) {
      // Whoever asks meanwhile finds them unknown as well.
      await database();
      for (const { id, ...terms } of scopes) {
        seeded.push(id);
        await governance.ledger.change(id, { ...terms, spent: [] });
      }
    },
  });
  const scopes: GovernedScope[] = [
    { id: 'key:a', role: 'key', version: 1, limits: null },
    { id: 'org:acme', role: 'org', version: 1, limits: { ...LIMITS, ...limits } },
  ];
  const key = keyNamed('a', { scopes, isGoverned: true });
  return {
    governor,
    governance,
    seeded,
    overruns,
    begin(id, isStream) {
      const call = buildCall({ id, key });
      call.plan = { ...call.plan, targets: TARGETS as never };
      call.request = { ...call.request, isStream, maxOutputTokens: null };
      return call;
    },
    reload() {
      rules = { ...rules };
    },
    async admit(call) {
      try {
        await governor.admit(call);
        running.push(call);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** One attempt that was sent, and what it spent. */
function spend(call: TranslatedCall, target: (typeof TARGETS)[number], prompt: number, completion: number): void {
  const attempt = createAttempt(call.attempts.length + 1, target, [], NOW);
  call.attempts.push(attempt);
  call.currentAttempt = attempt;
  attempt.usage = toUsage({ prompt, completion });
}

async function stateOf({ ledger }: Governance) {
  const [key, org] = await ledger.read(['key:a', 'org:acme']);
  if (!key || !org) throw new Error('The ledger knows no scopes.');
  expect([key.heldNano, key.inFlight]).toEqual([org.heldNano, org.inFlight]);
  return { heldNano: org.heldNano, inFlight: org.inFlight, spentNano: org.windows.day.spentNano };
}

describe('the door', () => {
  it('makes scopes known once, however many calls come first', async () => {
    const door = openDoor({ concurrency: 20 });
    const calls = Array.from({ length: 50 }, (_, at) => door.begin(`c${at}`, true));
    const admitted = await Promise.all(calls.map((call) => door.admit(call)));
    expect(admitted.filter(Boolean)).toHaveLength(20);
    expect(await stateOf(door.governance)).toEqual({ heldNano: expect.any(Number), inFlight: 20, spentNano: 0 });
    expect(calls.every(({ reservation }) => reservation !== null)).toBe(true);
  });

  it('does not wait for long for a database that says nothing, and then not at all; what it says late counts', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const database = Promise.withResolvers<void>();
    const door = openDoor({ budget: { ...NO_MONEY, day: 1e9 } }, () => database.promise);
    const refused = async (id: string): Promise<unknown> => {
      const call = door.begin(id, true);
      try {
        await door.governor.admit(call);
        return null;
      } catch (error) {
        expect(await call.reservation?.settle()).toBeNull();
        return error;
      }
    };
    const waiting = Promise.all(Array.from({ length: 50 }, (_, at) => refused(`c${at}`)));
    await nextTurn();
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(2000);
    const unavailable = { code: 'limits_unavailable', status: 503, retryAfterMs: 1000 };
    expect(await waiting).toMatchObject(Array(50).fill(unavailable));
    expect(await refused('late')).toMatchObject(unavailable);
    expect(vi.getTimerCount()).toBe(0);
    expect(door.seeded).toEqual([]);
    database.resolve();
    await nextTurn();
    expect(await door.admit(door.begin('again', true))).toBe(true);
    expect(door.seeded).toEqual(['key:a', 'org:acme']);
    expect((await stateOf(door.governance)).inFlight).toBe(1);
  });

  it('asks a database again that has failed', async () => {
    let isAway = true;
    const door = openDoor({ budget: { ...NO_MONEY, day: 1e9 } }, () =>
      isAway ? Promise.reject(new Error('away')) : nextTurn(),
    );
    await expect(door.governor.admit(door.begin('c1', true))).rejects.toMatchObject({ code: 'limits_unavailable' });
    isAway = false;
    expect(await door.admit(door.begin('c2', true))).toBe(true);
  });

  it('lets calls pass without a budget where a database cannot say what was spent, and asks it once there is one', async () => {
    let isAway = true;
    const door = openDoor({ concurrency: 2 }, () => (isAway ? Promise.reject(new Error('away')) : nextTurn()));
    const [first, ...more] = ['c1', 'c2', 'c3'].map((id) => door.begin(id, true)) as [TranslatedCall, TranslatedCall];
    expect([await door.admit(first), await door.admit(more[0])]).toEqual([true, true]);
    const admit = async (id: string): Promise<void> => door.governor.admit(door.begin(id, true));
    await expect(admit('c4')).rejects.toMatchObject({ code: 'concurrency_limit_exceeded' });
    await more[0].reservation?.settle();

    const limits = { ...LIMITS, budget: { ...NO_MONEY, day: 1e9 } };
    await door.governor.renew([{ id: 'org:acme', version: 2, limits }]);
    // Its terms are those of before: what holds has a budget.
    await expect(admit('c5')).rejects.toMatchObject({ code: 'limits_unavailable' });
    first.reservation?.spoke(2000);
    await nextTurn();
    expect(first.controller.signal.aborted).toBe(false);
    isAway = false;
    expect(await door.admit(door.begin('c6', true))).toBe(true);
    expect(door.seeded).toEqual(['org:acme']);
  });

  it('has running streams go by limits that were changed meanwhile, older ones are left aside', async () => {
    const door = openDoor({ budget: { ...NO_MONEY, day: 12e6 }, onExhausted: 'finish' });
    const stream = door.begin('c', true);
    expect(await door.admit(stream)).toBe(true);
    const renew = (version: number, limits: Partial<GovernedLimits>): Promise<void> =>
      door.governor.renew([{ id: 'org:acme', version, limits: { ...LIMITS, ...limits } }]);
    await renew(3, { budget: { ...NO_MONEY, day: 30e6 } });
    await renew(2, { budget: { ...NO_MONEY, day: 11e6 } });
    stream.reservation?.spoke(600);
    await nextTurn();
    expect((await stateOf(door.governance)).heldNano).toBeGreaterThan(20e6);
    await renew(4, { budget: { ...NO_MONEY, day: 0 }, onExhausted: 'cut' });
    for (const tokens of [2000, 2100]) {
      stream.reservation?.spoke(tokens);
      await nextTurn();
    }
    expect(stream.controller.signal.reason).toMatchObject({ code: 'budget_exceeded' });
  });

  it('has all running streams do so, also those that came together, or under other rules', async () => {
    const door = openDoor({ budget: { ...NO_MONEY, day: 1e9 }, onExhausted: 'finish' });
    const streams = ['first', 'beside', 'later'].map((id) => door.begin(id, true));
    const [first, beside, later] = streams as [TranslatedCall, TranslatedCall, TranslatedCall];
    expect(await Promise.all([door.admit(first), door.admit(beside)])).toEqual([true, true]);
    door.reload();
    expect(await door.admit(later)).toBe(true);
    const limits = { ...LIMITS, budget: { ...NO_MONEY, day: 0 } };
    await door.governor.renew([{ id: 'org:acme', version: 2, limits }]);
    for (const { reservation } of [...streams, ...streams]) reservation?.spoke(2000);
    await nextTurn();
    for (const { reservation } of streams) reservation?.spoke(2100);
    await nextTurn();
    const budget = { code: 'budget_exceeded' };
    expect(streams.map(({ controller }) => controller.signal.reason)).toMatchObject([budget, budget, budget]);
  });

  it('has the other attempts of a call go by a model that is limited no more', async () => {
    const none = { ...NO_RATES, rpm: 0 };
    const door = openDoor({ models: { 'p/m3': none, 'p/m10': none } });
    const call = door.begin('c', true);
    expect(await door.admit(call)).toBe(true);
    const codes = async (): Promise<unknown[]> => {
      const [, ...others] = call.plan.targets;
      const refusals: unknown[] = [];
      for (const target of others) refusals.push((await call.reservation?.cover(target, call.request, true))?.code);
      return refusals;
    };
    const renew = (id: string, version: number, left: GovernedLimits['models']): Promise<void> =>
      door.governor.renew([{ id, version, limits: { ...LIMITS, models: left } }]);
    expect(await codes()).toEqual(['rate_limit_exceeded', 'rate_limit_exceeded']);
    await renew('org:acme', 1, {});
    await renew('key:a', 9, {});
    expect(await codes()).toEqual(['rate_limit_exceeded', 'rate_limit_exceeded']);
    await renew('org:acme', 2, { 'p/m10': none });
    expect(await codes()).toEqual([undefined, 'rate_limit_exceeded']);
    await renew('org:acme', 3, {});
    expect(await codes()).toEqual([undefined, undefined]);
    expect(await call.reservation?.settle()).toMatchObject({ scopes: [{ id: 'key:a' }, { id: 'org:acme' }] });
  });

  it('settles once', async () => {
    const door = openDoor({ budget: { ...NO_MONEY, day: 1e9 } });
    const call = door.begin('c', true);
    await door.admit(call);
    spend(call, TARGETS[0] as never, 100, 10);
    expect(await call.reservation?.settle()).toMatchObject({ nano: 200_000, tokens: 110 });
    expect(await call.reservation?.settle()).toBeNull();
    expect(await stateOf(door.governance)).toEqual({ heldNano: 0, inFlight: 0, spentNano: 200_000 });
  });

  it('learns of limits that were changed, with the next call of the key', async () => {
    const door = openDoor({ concurrency: 1 });
    const first = door.begin('c1', true);
    expect(await door.admit(first)).toBe(true);
    expect(await door.admit(door.begin('c2', true))).toBe(false);
    const scopes = first.key.scopes.map((scope) => ({
      ...scope,
      version: 2,
      limits: scope.limits && { ...scope.limits, concurrency: 2 },
    }));
    const changed = buildCall({ id: 'c3', key: { ...first.key, scopes } });
    expect(await door.admit(changed)).toBe(true);
    expect(door.seeded).toEqual(['key:a', 'org:acme']);
  });
});

/** Calls that begin, ask targets, stream and end at random. What one awaits, the others do not. */
class Fates {
  spent = 0;
  made = 0;
  admitted = 0;
  readonly #door: Door;
  readonly #random: () => number;
  readonly #open: TranslatedCall[] = [];

  constructor(door: Door, seed: number) {
    this.#door = door;
    this.#random = createChance(seed);
  }

  isOver(most: number): boolean {
    return this.made >= most && this.#open.length === 0;
  }

  async step(most: number): Promise<void> {
    const isNew = this.#open.length === 0 || this.#random() < 0.35;
    if (isNew && this.made < most) return this.#begin();
    const [call] = this.#open.splice(this.#below(this.#open.length), 1);
    if (call === undefined) return;
    const kind = this.#random();
    if (kind < 0.4) await this.#attempt(call);
    // Beside its way: it may end before that is answered.
    else if (kind < 0.7) call.reservation?.spoke(this.#below(5000));
    if (kind < 0.6) this.#open.push(call);
    else await this.#end(call);
  }

  async #begin(): Promise<void> {
    const call = this.#door.begin(`c${this.made++}`, this.#random() < 0.5);
    if (!(await this.#door.admit(call))) return;
    this.admitted++;
    this.#open.push(call);
  }

  async #attempt(call: TranslatedCall): Promise<void> {
    const target = TARGETS[this.#below(TARGETS.length)] as (typeof TARGETS)[number];
    const refusal = await call.reservation?.cover(target, call.request, this.#random() < 0.3);
    if (refusal === null) spend(call, target, this.#below(50), this.#below(900));
  }

  async #end(call: TranslatedCall): Promise<void> {
    const { nano } = settlementOf(call.attempts, (attempt) => attemptCost(attempt).usd);
    expect((await call.reservation?.settle())?.nano).toBe(nano);
    this.spent += nano;
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

describe.each([1, 2, 3, 4])('ten thousand calls of random fate, interleaved at random (%i)', (seed) => {
  it('hold nothing at their end, and have spent what their attempts cost', async () => {
    const [limit, most] = [60e9, 10_000];
    const door = openDoor({ concurrency: 30, budget: { ...NO_MONEY, day: limit } });
    const fates = new Fates(door, seed);
    while (!fates.isOver(most)) await Promise.all([fates.step(most), fates.step(most), fates.step(most)]);
    const { spent, admitted } = fates;
    expect(await stateOf(door.governance)).toEqual({ heldNano: 0, inFlight: 0, spentNano: spent });
    expect(admitted).toBeGreaterThan(1000);
    expect(admitted).toBeLessThan(most);
    // What was spent beyond what was set aside is told, and nothing else is beyond the budget.
    expect(spent).toBeLessThanOrEqual(limit + door.overruns.reduce((sum, nano) => sum + nano, 0));
  });
});
