import { describe, expect, it } from 'vitest';
import { factsOf } from '../../console/src/pages/calls/call-facts.ts';
import { buildEnded, buildSummary } from './support/calls.ts';

const USAGE = {
  prompt_tokens: 1200,
  completion_tokens: 40,
  total_tokens: 1240,
  prompt_tokens_details: { cached_tokens: 1000 },
  completion_tokens_details: { reasoning_tokens: 30 },
};

function factsBy(...[call]: Parameters<typeof factsOf>): Readonly<Record<string, string>> {
  return Object.fromEntries(factsOf(call));
}

describe('the facts of a call', () => {
  it('say tokens with their parts, what it cost and by whose word, and what was dropped', () => {
    const call = buildEnded({
      usage: USAGE,
      completion_tokens: 40,
      cost_usd: 0.0134,
      dropped_params: ['seed', 'top_k'],
    });
    expect(factsBy(call)).toMatchObject({
      Prompt: '1,200 tokens, 1,000 cached',
      Answer: '40 tokens, 30 thought',
      Cost: '$0.0134 by table',
      Status: '200',
      Dropped: 'seed, top_k',
    });
  });

  it('mark as estimates what was counted by us, and no bill of a provider', () => {
    const guessed = { usage: USAGE, completion_tokens: 40, usage_source: 'estimate', cost_usd: 0.5 } as const;
    const own = factsBy(buildEnded({ ...guessed, cost_source: 'estimate' }));
    expect([own['Prompt'], own['Answer'], own['Cost']]).toEqual([
      '≈1,200 tokens, 1,000 cached',
      '≈40 tokens, 30 thought',
      '≈$0.5000 by estimate',
    ]);
    expect(factsBy(buildEnded({ ...guessed, cost_source: 'provider' }))['Cost']).toBe('$0.5000 by provider');
  });

  it('say what was paid for nothing, where something was', () => {
    expect(factsBy(buildEnded())).not.toHaveProperty('Wasted');
    const wasted = (usd: number | null) => buildEnded({ wasted_tokens: 1200, wasted_cost_usd: usd });
    expect(factsBy(wasted(0.02))['Wasted']).toBe('1,200 tokens, $0.0200, which bought no answer');
    expect(factsBy(wasted(null))['Wasted']).toBe('1,200 tokens, –, which bought no answer');
  });

  it('have no cost before the end, and a dash where none is known', () => {
    expect(factsBy(buildSummary({ state: 'streaming' }))).not.toHaveProperty('Cost');
    expect(factsBy(buildEnded({ cost_usd: null, cost_source: null }))['Cost']).toBe('–');
  });
});
