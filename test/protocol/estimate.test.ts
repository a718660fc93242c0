import { describe, expect, it } from 'vitest';
import { estimateTokens, estimateUsage } from '../../src/protocol/estimate.ts';
import { requestOf } from '../support/asked.ts';

describe('estimateTokens', () => {
  it.each([
    ['', 0],
    ['Hi', 1],
    ['The quick brown fox jumps over the lazy dog.', 11],
    ['天气很好', 3],
  ])('counts four Latin characters, or one and a half of others, as a token: %s', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });
});

describe('estimateUsage', () => {
  it('counts messages, parts, calls and tools as prompt', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const plain = [{ role: 'user' as const, content: 'x'.repeat(40) }];
    const prompt = (messages: readonly object[], rest: object = {}): number =>
      estimateUsage(requestOf({ model: 'm', messages, ...rest }), 0).prompt_tokens;
    expect(prompt(plain)).toBe(14);
    expect(prompt([...plain, { role: 'user', content: [{ type: 'text', text: 'xxxx' }, image] }])).toBe(
      14 + 4 + 1 + 85,
    );
    expect(prompt(plain, { tools: [{ type: 'function', function: { name: 'f' } }] })).toBeGreaterThan(20);
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    expect(prompt([...plain, { role: 'assistant', content: null, tool_calls: [call] }])).toBeGreaterThan(30);
  });

  it('counts the answer as completion', () => {
    const chat = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };
    expect(estimateUsage(requestOf(chat), 2)).toMatchObject({
      prompt_tokens: 5,
      completion_tokens: 2,
      total_tokens: 7,
    });
  });
});
