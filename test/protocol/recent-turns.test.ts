import { describe, expect, it } from 'vitest';
import { estimateUsage } from '../../src/protocol/estimate.ts';
import { wordsOf } from '../../src/protocol/model-message.ts';
import { withRecentTurns } from '../../src/protocol/recent-turns.ts';
import { atOnce } from '../../src/protocol/turns.ts';
import { requestOf } from '../support/asked.ts';

const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const REQUEST = requestOf({
  model: 'm',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'First question' },
    { role: 'user', content: 'and more of it' },
    { role: 'assistant', content: 'First answer' },
    { role: 'user', content: 'Second question' },
    { role: 'assistant', content: null, tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'c1', content: 'Result' },
    { role: 'assistant', content: 'Second answer' },
    { role: 'developer', content: 'Be kind.' },
    { role: 'user', content: 'Third question' },
  ],
});
const TOKENS = estimateUsage(REQUEST, 0).prompt_tokens;

function left(maxTokens: number): readonly string[] {
  return atOnce(withRecentTurns(REQUEST, maxTokens)).messages.map(({ role, content }) => wordsOf(content) || role);
}

describe('a conversation that is too long', () => {
  it('stays as it is where it fits', () => {
    expect(atOnce(withRecentTurns(REQUEST, TOKENS))).toBe(REQUEST);
  });

  it('loses its oldest turn, whole, and no more than has to go', () => {
    expect(left(TOKENS - 1)).toEqual([
      'Be brief.',
      'Second question',
      'assistant',
      'Result',
      'Second answer',
      'Be kind.',
      'Third question',
    ]);
  });

  it('keeps its instructions and its last turn, whether they fit or not', () => {
    expect(left(1)).toEqual(['Be brief.', 'Be kind.', 'Third question']);
  });
});
