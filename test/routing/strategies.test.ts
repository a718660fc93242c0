import { describe, expect, it } from 'vitest';
import { arrange, type Figures, type Way } from '../../src/routing/strategies.ts';
import { buildTarget } from '../support/targets.ts';

const [A, B, C] = ['a', 'b', 'c'].map((id) => buildTarget(id)) as [Way['target'], Way['target'], Way['target']];

function ways(...weights: number[]): Way[] {
  return [A, B, C].map((target, index) => ({ target, weight: weights[index] ?? 1 }));
}

type Table = Readonly<Record<string, number | null>>;

/** Figures from tables by target. */
function figures({ cost = {}, speed = {}, busy = {} }: { cost?: Table; speed?: Table; busy?: Table }, chance = 0.5) {
  return {
    random: () => chance,
    costOf: ({ id }) => cost[id] ?? null,
    speedOf: ({ id }) => speed[id] ?? null,
    inFlightOf: ({ id }) => busy[id] ?? 0,
  } satisfies Figures;
}

function ids(found: readonly Way[]): string {
  return found.map(({ target }) => target.id).join('');
}

/** A repeatable source of chance. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('strategy order', () => {
  it('keeps the order of the configuration', () => {
    expect(ids(arrange('order', ways(), figures({ cost: { a: 9, b: 1, c: 1 } })))).toBe('abc');
  });
});

describe('strategy weighted', () => {
  it('gives each target the first place as often as its weight says', () => {
    const random = seeded(7);
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let call = 0; call < 20_000; call++) {
      const first = arrange('weighted', ways(6, 3, 1), { ...figures({}), random })[0]?.target.id ?? '';
      counts[first] = (counts[first] ?? 0) + 1;
    }
    expect((counts['a'] ?? 0) / 20_000).toBeCloseTo(0.6, 1);
    expect((counts['b'] ?? 0) / 20_000).toBeCloseTo(0.3, 1);
    expect((counts['c'] ?? 0) / 20_000).toBeCloseTo(0.1, 1);
  });

  it('keeps the others behind the first', () => {
    expect(ids(arrange('weighted', ways(1, 1, 1), { ...figures({}), random: seeded(1) })).length).toBe(3);
  });
});

describe('strategy cheapest', () => {
  it('sorts by the cost of this request, unknown prices last', () => {
    expect(ids(arrange('cheapest', ways(), figures({ cost: { b: 0.2, c: 0.1 } })))).toBe('cba');
  });

  it('takes free for cheap, and not for unknown', () => {
    expect(ids(arrange('cheapest', ways(), figures({ cost: { a: 1, c: 0 } })))).toBe('cab');
  });
});

describe('strategy fastest', () => {
  it('sorts by the time to the first token', () => {
    expect(ids(arrange('fastest', ways(), figures({ speed: { a: 300, b: 100, c: 200 } })))).toBe('bca');
  });

  it('gives targets a turn that were never measured', () => {
    expect(ids(arrange('fastest', ways(), figures({ speed: { a: 300, b: 100 } })))).toBe('cba');
  });

  it('does not send a burst to a target that is being measured', () => {
    expect(ids(arrange('fastest', ways(), figures({ speed: { a: 300, b: 100 }, busy: { c: 1 } })))).toBe('bac');
  });

  it('now and then tries another first (exploration)', () => {
    const chances = [0.01, 0.9];
    const random = (): number => chances.shift() ?? 0.5;
    const found = arrange('fastest', ways(), { ...figures({ speed: { a: 1, b: 2, c: 3 } }), random });
    expect(ids(found)).toBe('cab');
  });
});

describe('strategy least-busy', () => {
  it('sorts by the calls in flight', () => {
    expect(ids(arrange('least-busy', ways(), figures({ busy: { a: 2, b: 1 } })))).toBe('cba');
  });
});
