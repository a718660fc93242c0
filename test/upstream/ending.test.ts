import { describe, expect, it } from 'vitest';
import { type BreakOff, type Ending, endingOf, isConnectionLost } from '../../src/upstream/ending.ts';

/** Aborted, consumer's error, failure read, timed out; then the ending of an answer that is not complete, of one that is, and whether its connection was lost. */
const TABLE: readonly (readonly [string, Ending, Ending, boolean])[] = [
  ['----', 'network', 'whole', true],
  ['---t', 'timeout', 'whole', true],
  ['--f-', 'failure', 'whole', false],
  ['--ft', 'failure', 'whole', true],
  ['-c--', 'consumer', 'consumer', false],
  ['-c-t', 'consumer', 'consumer', true],
  ['-cf-', 'consumer', 'consumer', false],
  ['-cft', 'consumer', 'consumer', true],
  ['a---', 'abort', 'abort', false],
  ['a--t', 'abort', 'abort', false],
  ['a-f-', 'abort', 'abort', false],
  ['a-ft', 'abort', 'abort', false],
  ['ac--', 'abort', 'abort', false],
  ['ac-t', 'abort', 'abort', false],
  ['acf-', 'abort', 'abort', false],
  ['acft', 'abort', 'abort', false],
];

function factsOf(letters: string): BreakOff {
  const [isAborted = false, isConsumerError = false, isFailure = false, isTimedOut = false] = [...letters].map(
    (letter) => letter !== '-',
  );
  return { isAborted, isConsumerError, isFailure, isTimedOut };
}

describe('how an exchange ended', () => {
  it.each(TABLE)(
    '%s: %s, %s when all finish reasons are there, connection lost: %s',
    (letters, cut, complete, isLost) => {
      const facts = factsOf(letters);
      expect(endingOf({ ...facts, isComplete: false })).toBe(cut);
      expect(endingOf({ ...facts, isComplete: true })).toBe(complete);
      expect(isConnectionLost(facts)).toBe(isLost);
    },
  );

  it('has a row for each combination of facts', () => {
    expect(new Set(TABLE.map(([letters]) => letters)).size).toBe(2 ** 4);
  });
});
