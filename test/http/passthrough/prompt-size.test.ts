import { describe, expect, it } from 'vitest';
import { promptTokensOf } from '../../../src/http/passthrough/prompt-size.ts';
import { TokenEstimate } from '../../../src/protocol/estimate.ts';

function estimated(json: object): number {
  const estimate = new TokenEstimate();
  estimate.addJson(json);
  return Math.ceil(1.15 * estimate.tokens());
}

describe('what a model has to read', () => {
  it.each([
    [{ input: [1, 22, 333] }, 3],
    [{ input: [[1, 2, 3], [4], []] }, 4],
    [{ prompt: [0] }, 1],
    [{ prompt: [[5, 6], [7]], max_tokens: 5 }, 3],
    [{ input: Array.from({ length: 8192 }, () => 7) }, 8192],
  ])('is counted where it comes as tokens: %j', (body, tokens) => {
    expect(promptTokensOf({ model: 'm', encoding_format: 'float', ...body })).toBe(tokens);
  });

  it.each([
    [{ input: 'Hello there' }],
    [{ input: ['Hello', 'there'] }],
    [{ input: [{ type: 'text', text: 'Hello' }] }],
    [{ prompt: null, suffix: 'the end.' }],
    [{}],
  ])('is estimated where it comes as words: %j', (body) => {
    expect(promptTokensOf(body)).toBe(estimated(body));
  });

  it('is both where it is both', () => {
    const words = 'a sentence of words '.repeat(20);
    const both = promptTokensOf({ input: [[1, 2, 3], words] });
    expect(both).toBeGreaterThanOrEqual(3 + estimated({ input: [words] }));
    expect(promptTokensOf({ prompt: [1, 2, 3], suffix: words })).toBeGreaterThan(100);
  });
});
