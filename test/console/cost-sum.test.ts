import { describe, expect, it } from 'vitest';
import { costSum } from '../../console/src/answer/cost-sum.ts';

const call = (usd: number | null, source: 'provider' | 'estimate' | null = 'provider') => ({
  cost_usd: usd,
  cost_source: source,
});

describe('what a conversation cost', () => {
  it('is the sum of its answers', () => {
    expect(costSum([call(0.01), call(0.0034)])).toEqual({ text: 'Σ $0.0134', hint: 'What 2 answers cost together' });
    expect(costSum([call(0)]).text).toBe('Σ $0');
  });

  it('is an estimate where one of them is', () => {
    expect(costSum([call(0.01), call(0.01, 'estimate')]).text).toBe('Σ ≈$0.0200');
  });

  it('says that it is not all of it', () => {
    const sum = costSum([call(0.01), call(null, null), null, undefined]);
    expect(sum).toEqual({ text: 'Σ $0.0100 +', hint: 'What 4 answers cost together; of 3 it is not known' });
    expect(costSum([call(null, null)]).text).toBe('Σ –');
  });
});
