import { describe, expect, it } from 'vitest';
import { patternProblem } from '../../src/config/pattern.ts';

describe('a pattern', () => {
  it.each([
    'news',
    '\\b(news|headlines?)\\b',
    '\\bprices?\\s+of\\s+golds?',
    '(fix|debug).{0,60}(code|bug)s?',
    '(?:\\d{4})+',
    '(?<year>20\\d\\d)(?!\\d)',
    '(?<=a)b>c',
    '[*+?]{1,3}',
    '\\(\\+\\)',
    '\\p{Lu}+',
    'what.*in',
  ])('is good: %s', (pattern) => {
    expect(patternProblem(pattern)).toBeNull();
  });

  it.each(['', '  '])('is not empty: %j', (pattern) => {
    expect(patternProblem(pattern)).toMatch(/found an empty one/);
  });

  it('is a regular expression', () => {
    expect(patternProblem('(news')).toMatch(/^expected a regular expression, found one with a mistake: \S/);
  });

  it.each(['(a+)+$', '(a*)*b', '(?:a|a)*b', '((a+)b?)+c', '(\\w+\\s?){2,}x', '(.*x){10}', '(?<n>a|ab)+$'])(
    'does not try the same text in ever more ways: %s',
    (pattern) => {
      expect(patternProblem(pattern)).toMatch(/it would take forever|this would take forever/);
    },
  );

  it.each(['.*a.*b.*c', '\\s+\\s+\\s+$', '.{0,100}.{0,100}.{0,100}z', `${'a?'.repeat(22)}.*z`])(
    'does not read a text in too many ways: %s',
    (pattern) => {
      expect(patternProblem(pattern)).toMatch(/would take seconds/);
    },
  );

  it.each(['.*.*z', '\\s*a?\\s*$x', '(fix|a).{0,60}(code|b)s?z', 'a?a?a?.*a?z', '.{0,80}.{0,80}.{0,9}z'])(
    'that is good takes no more than a moment on a bad message: %s',
    (pattern) => {
      expect(patternProblem(pattern)).toBeNull();
      const startedAt = performance.now();
      expect(new RegExp(pattern, 'iu').test('a '.repeat(250))).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(1500);
    },
  );
});
