import { describe, expect, it } from 'vitest';
import { didYouMean, nearestNames } from '../../src/config/nearest.ts';

const MODELS = ['gpt-6-luna', 'gpt-6-sol', 'gpt-6.1-sol', 'gemini-3.8-flash', 'sonar'];

describe('nearestNames (did you mean)', () => {
  it('puts the likeliest first', () => {
    expect(nearestNames('gpt-6.0-sol', MODELS, 2)).toEqual(['gpt-6.1-sol', 'gpt-6-sol']);
  });

  it('counts two swapped letters as one slip', () => {
    expect(nearestNames('soanr', MODELS, 1)).toEqual(['sonar']);
    expect(nearestNames('prot', ['host', 'port'], 1)).toEqual(['port']);
  });

  it('ignores case', () => {
    expect(nearestNames('Sonar', MODELS, 1)).toEqual(['sonar']);
  });

  it('finds nothing for a name that is far away or very long', () => {
    expect(nearestNames('mistral-large', MODELS, 3)).toEqual([]);
    expect(nearestNames('sonar'.repeat(1000), MODELS, 3)).toEqual([]);
  });

  it('is silent where no name is near', () => {
    expect(didYouMean('zzz', MODELS)).toBe('');
    expect(didYouMean('sonra', MODELS)).toBe("; did you mean 'sonar'?");
  });
});
