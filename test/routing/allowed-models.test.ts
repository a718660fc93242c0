import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../src/protocol/name-pattern.ts';

describe('a pattern of models', () => {
  it.each([
    ['gpt-*', 'gpt-6', true],
    ['gpt-*', 'my-gpt-6', false],
    ['*', 'anything/at:all', true],
    ['openrouter/*', 'openrouter/deepseek/chat', true],
    ['*-mini', 'gpt-6-mini', true],
    ['*-mini', 'gpt-6-mini-x', false],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'ab', false],
    ['aba*aba', 'aba', false],
    ['gpt.6', 'gpt-6', false],
    ['gpt-6', 'gpt-6', true],
    ['gpt-6', 'GPT-6', false],
  ])('%s and %s', (pattern, name, isMatch) => {
    expect(matchesPattern(pattern, name)).toBe(isMatch);
  });

  it('takes no time that grows with its stars', () => {
    expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
