import { describe, expect, it } from 'vitest';
import { createChance } from '../../lab/chance.ts';
import type { Ledger, Limits } from '../../src/limits/ledger.ts';
import type { Scope } from '../../src/limits/scope.ts';
import { WINDOWS } from '../../src/limits/windows.ts';
import { budget, KEY, LEDGERS, ORG, PARENT, START, UNLIMITED } from './ledgers.ts';
import { ModelLedger } from './model-ledger.ts';

const OTHER_KEY: Scope = { id: 'key:b', role: 'key', model: null };
const MODEL: Scope = { id: 'org:acme/m', role: 'org', model: 'm' };
const CHAINS = [[KEY, ORG, PARENT], [OTHER_KEY, ORG, PARENT], [KEY], [OTHER_KEY, ORG]];
const SCOPES = [KEY, OTHER_KEY, ORG, PARENT, MODEL];
const DAY_MS = 86_400_000;

/** Calls begin, grow, end, limits change, time passes and days do, in a random order; and so they do in the model. */
class Interleaving {
  at = START;
  readonly outcomes: Record<string, number> = {};
  readonly model = new ModelLedger();
  readonly ledger: Ledger;
  readonly #random: () => number;
  readonly #open = new Set<string>();
  #made = 0;

  constructor(createLedger: (clock: () => number) => Ledger, seed: number) {
    this.#random = createChance(seed);
    this.ledger = createLedger(() => this.at);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  async change(scope: Scope, limits: Limits): Promise<void> {
    await this.ledger.change(scope.id, { version: 0, limits });
    this.model.change(scope.id, limits, this.at);
  }

  async reserve(): Promise<void> {
    const id = `c${this.#made++}`;
    const scopes = this.pick(CHAINS);
    const nano = this.pick([0, 10, 40, 100, 300]);
    const ask = {
      nano,
      leastNano: this.pick([nano, Math.min(nano, 20)]),
      tokens: this.pick([10, 10, 500, 2000, 90_000]),
    };
    const answer = await this.ledger.reserve(id, scopes, ask);
    const obstacles = this.model.reserve(id, idsOf(scopes), ask, this.at);
    this.#count(answer, obstacles);
    if (answer.outcome !== 'admitted') return;
    expect(answer.nano).toBe(this.model.calls.get(id)?.nano);
    this.#open.add(id);
  }

  async extend(): Promise<void> {
    const id = this.pick([...this.#open]);
    const call = this.model.calls.get(id);
    if (call === undefined) return;
    const nano = call.nano + this.pick([-10, 0, 20, 100]);
    const ask = { nano, leastNano: nano, tokens: call.tokens + this.pick([0, 1024]) };
    const added = this.pick([[], [MODEL]]).filter((scope) => !call.scopes.includes(scope.id));
    const answer = await this.ledger.extend(id, ask, added);
    this.#count(answer, this.model.extend(id, ask, idsOf(added), this.at));
    if (answer.outcome === 'extended') expect(answer.nano).toBe(call.nano);
  }

  /** @param most the share of what was reserved that a call comes to at most */
  async settle(most: number): Promise<void> {
    const id = this.pick([...this.#open]);
    const call = this.model.calls.get(id);
    if (call === undefined) return;
    const nano = Math.floor(call.nano * most * this.#random());
    const end = { nano, tokens: Math.floor(call.tokens * this.#random()), cachedTokens: this.pick([0, 5]) };
    const { ids: windows } = call;
    const answer = await this.ledger.settle(id, end);
    expect(answer).toMatchObject({ outcome: 'settled', booking: { windows, nano, tokens: end.tokens } });
    this.model.settle(id, end);
    this.#open.delete(id);
    expect(await this.ledger.settle(id, end)).toEqual({ outcome: 'not-open' });
  }

  async check(): Promise<void> {
    for (const [index, reading] of (await this.ledger.read(idsOf(SCOPES))).entries()) {
      const { id } = SCOPES[index] ?? KEY;
      const { inFlight, heldNano, windows } = reading ?? expect.unreachable(`${id} is unknown`);
      const spent = WINDOWS.map((_, at) => this.model.spent(id, at, this.at));
      expect([inFlight, heldNano]).toEqual([this.model.inFlight(id), this.model.held(id)]);
      expect(WINDOWS.map((name) => windows[name].spentNano)).toEqual(spent);
      expect(Math.min(inFlight, heldNano, ...spent)).toBeGreaterThanOrEqual(0);
    }
  }

  async settleAll(): Promise<void> {
    while (this.#open.size > 0) await this.settle(1);
  }

  /** The refusal names something that is in the way, and nothing is refused where nothing is. */
  #count(answer: Awaited<ReturnType<Ledger['reserve'] | Ledger['extend']>>, obstacles: readonly string[]): void {
    const name = answer.outcome === 'refused' ? `${answer.scope.id} ${answer.hit.limit}` : answer.outcome;
    if (obstacles.length > 0) expect(obstacles).toContain(name);
    else expect(name).toMatch(/admitted|extended/);
    const kind = name.replace(/^.* /, '');
    this.outcomes[kind] = (this.outcomes[kind] ?? 0) + 1;
  }
}

function idsOf(scopes: readonly Scope[]): string[] {
  return scopes.map(({ id }) => id);
}

/** Limits whose fractions of a minute are exact, so that the model's sums are too. */
function randomLimits({ pick }: { pick<T>(choices: readonly T[]): T }): Limits {
  const on = pick(['hard', 'hard', 'soft'] as const);
  const day = pick([null, 500, 3000]);
  return {
    ...UNLIMITED,
    rpm: pick([8, 16, 32]),
    tpm: pick([30_000, 60_000, 120_000]),
    concurrency: pick([null, 3, 20]),
    budget: pick([null, { day, week: 5000, month: null, total: pick([null, 9000, 40_000]), on, softAt: 0.8 }]),
    burst: pick([1, 0.5]),
  };
}

describe.each(LEDGERS)('random interleavings in %s', (_name, createLedger) => {
  it.each([1, 2, 3, 4, 5])('say what the model says (seed %i)', async (seed) => {
    const run = new Interleaving(createLedger, seed);
    const limits = { pick: <T>(choices: readonly T[]): T => run.pick(choices) };
    for (const scope of SCOPES) await run.change(scope, randomLimits(limits));
    for (let step = 0; step < 1500; step++) {
      run.at += run.pick([0, 0, 3, 250, 4000]);
      if (step % 300 === 299) run.at += run.pick([DAY_MS, 7 * DAY_MS, 40 * DAY_MS]);
      const deed = run.pick(['reserve', 'reserve', 'reserve', 'extend', 'settle', 'settle', 'change'] as const);
      if (deed === 'change') {
        if (step % 5 === 0) await run.change(run.pick(SCOPES), randomLimits(limits));
      } else if (deed === 'settle') await run.settle(1.3);
      else await run[deed]();
      if (step % 10 === 0) await run.check();
    }
    await run.settleAll();
    await run.check();
    expect(Object.keys(run.outcomes).sort()).toEqual(
      expect.arrayContaining(['admitted', 'budget', 'concurrency', 'extended', 'rpm', 'tpm']),
    );
  });

  it('never pass a hard budget as long as no call costs more than was set aside for it', async () => {
    const run = new Interleaving(createLedger, 6);
    const most = { day: 500e-9, week: 900e-9, month: 2000e-9, total: 4000e-9 };
    for (const scope of SCOPES) await run.change(scope, { ...UNLIMITED, budget: budget('hard', most) });
    for (let step = 0; step < 1500; step++) {
      run.at += run.pick([0, 1000, DAY_MS / 40]);
      const deed = run.pick(['reserve', 'extend', 'settle'] as const);
      await (deed === 'settle' ? run.settle(1) : run[deed]());
      for (const reading of await run.ledger.read(idsOf(SCOPES))) {
        const lefts = Object.values(reading?.windows ?? {}).map(({ leftNano }) => leftNano ?? 0);
        expect(Math.min(...lefts)).toBeGreaterThanOrEqual(0);
      }
    }
    expect(run.outcomes['budget']).toBeGreaterThan(100);
  });
});
