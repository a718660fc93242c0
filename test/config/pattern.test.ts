import { describe, expect, it } from 'vitest';
import { judgePattern, sumProblem } from '../../src/config/pattern.ts';
import { parsePattern } from '../../src/config/pattern-syntax.ts';
import { countTries } from '../support/backtracking.ts';
import { createMessages, createPatterns } from '../support/hostile-patterns.ts';

const problemOf = (pattern: string): string | null => judgePattern(pattern).problem;

describe('a regular expression of a rule (pattern)', () => {
  it.each([
    'news',
    '\\b(news|headlines?)\\b',
    '\\b(how|what|where) (do|does|is|are) (i|you|we|they) \\w+ (the|a)\\b',
    'price\\s*(of\\s*)?gold',
    '(ab?){1,9}c',
    'foo.{0,60}bar',
    '\\bword.{0,160}z',
    '\\bprices?\\s+of\\s+golds?',
    '(fix|debug).{0,60}(code|bug)s?',
    '\\bfoo\\b.*\\bbar\\b',
    '^\\s*foo.*bar',
    '^\\s*foo.*bar.*baz',
    '^(?=.*foo)(?=.*bar)',
    '^(hi|hello|hey)[!. ]*$',
    '(?:\\d{4})+',
    '\\d{1,3}(,\\d{3})*(\\.\\d+)?',
    '( \\w+){0,3} foo',
    '(?<year>20\\d\\d)(?!\\d)',
    '(?<=a)b>c',
    '(["\'])\\w+\\1',
    '[*+?]{1,3}',
    '\\(\\+\\)',
    '\\p{Lu}+',
    '[A-Z][a-z]+ [A-Z][a-z]+',
    'https?://\\S+',
    '\\b\\w+@\\w+\\.(com|org)\\b',
    'summari[sz]e|tl;?dr',
    'what.*in',
    '\\s+$',
  ])('is accepted: %s', (pattern) => {
    expect(problemOf(pattern)).toBeNull();
  });

  it.each(['', '  '])('is refused when it is empty: %j', (pattern) => {
    expect(problemOf(pattern)).toMatch(/found an empty one/);
  });

  it('is refused when it is no regular expression', () => {
    expect(problemOf('(news')).toMatch(/^expected a regular expression, found one with a mistake: \S/);
  });

  it('is refused when it is too long or too deep to be judged', () => {
    expect(problemOf('a'.repeat(1001))).toMatch(/at most 1000 characters/);
    expect(problemOf(`${'('.repeat(13)}a${')'.repeat(13)}`)).toMatch(/at most 12 groups/);
  });

  it.each(['(a+)+$', '(a*)*b', '(?:a|a)*b', '((a+)b?)+c', '(\\w+\\s?){2,}x', '(.*x){11}y', '(?<n>a|ab)+$', '(a?){9}b'])(
    'is refused for catastrophic backtracking (ReDoS): %s',
    (pattern) => {
      expect(problemOf(pattern)).toMatch(/this would take forever/);
    },
  );

  it.each([
    '.{0,80}.{0,80}.{0,9}z',
    '.{0,100}.{0,100}.{0,100}z',
    '.*a.*b.*c',
    '.*.*z',
    '.*foo',
    'a.*b.*c',
    '\\s+\\s+\\s+$',
    '\\s*a?\\s*$x',
    `${'a?'.repeat(22)}.*z`,
    '(a|aa|aaa){0,8}b',
    '(.+)\\1x',
    '(?=.*a)b.*c',
    '.{0,300}?[^x]x',
    '\\p{L}*1',
    '.{0,40}(x{0,60})\\b',
  ])('is refused when it could take longer than a millisecond: %s', (pattern) => {
    expect(problemOf(pattern)).toMatch(/longer than a millisecond: begin with a word/);
  });

  it('is refused with how to write it', () => {
    expect(problemOf('.*.*z')).toMatch(/limit as in \.\{0,40\}/);
  });
});

describe('the regular expressions of a model together', () => {
  it('may take ten times as long as one of them', () => {
    const { cost } = judgePattern('\\bfoo\\b.*\\bbar\\b');
    expect(sumProblem(Array.from({ length: 10 }, () => cost))).toBeNull();
    expect(sumProblem(Array.from({ length: 16 }, () => cost))).toMatch(/^on some messages all patterns together/);
  });
});

describe('regular expressions of every kind', () => {
  const patterns = createPatterns(2024, 1500);
  const accepted = patterns.filter((pattern) => problemOf(pattern) === null);

  it('are refused only in part', () => {
    expect(accepted.length).toBeGreaterThan(patterns.length / 2);
    expect(accepted.length).toBeLessThan(patterns.length);
  });

  it('need no more backtracking steps than were counted, whatever the message', () => {
    for (const [index, pattern] of accepted.entries()) {
      // Looking around and back is not followed by the plain matcher.
      if (/\\1|\(\?<?[=!]/.test(pattern)) continue;
      const { cost } = judgePattern(pattern);
      const { root } = parsePattern(pattern);
      // No character is counted as less than two nanoseconds.
      for (const message of createMessages(index, 6, true))
        expect(2 * countTries(root, message, cost), pattern).toBeLessThanOrEqual(cost);
    }
  });

  it('take little time, compiled', () => {
    const ROUNDS = 40;
    const messages = createMessages(7, ROUNDS, false);
    const cpuOf = (pattern: string): number => {
      const regex = new RegExp(pattern, 'iu');
      const before = process.threadCpuUsage();
      for (const message of messages) regex.test(message);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / ROUNDS;
    };
    // A pattern that is refused and takes a few milliseconds, in this very run.
    const bound = 4 * Math.max(cpuOf('.{0,80}.{0,9}.{0,4}z'), 1000);
    for (const pattern of accepted) expect(cpuOf(pattern), pattern).toBeLessThan(bound);
  });
});
