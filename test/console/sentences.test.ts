import { describe, expect, it } from 'vitest';
import { sentencesAfter } from '../../console/src/answer/sentences.ts';

describe('an answer that is read aloud while it comes', () => {
  it('is read in whole sentences, each of them once', () => {
    const first = sentencesAfter('It **rains**. Take an umb', 0);
    expect(first).toEqual({ words: 'It rains.', until: 13 });
    const rest = sentencesAfter('It **rains**. Take an umbrella! So', first.until);
    expect(rest.words).toBe('Take an umbrella!');
    expect(sentencesAfter('It **rains**. Take an umbrella! So', rest.until)).toEqual({ words: '', until: rest.until });
  });

  it('is not cut within a number, and ends with a line', () => {
    expect(sentencesAfter('It costs 1.5', 0).words).toBe('');
    expect(sentencesAfter('- one\n- two', 0).words).toBe('- one');
    expect(sentencesAfter('雨です。傘', 0).words).toBe('雨です。');
  });
});
