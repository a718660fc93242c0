import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/protocol/chat.ts';
import { choiceDelta, toUsage } from '../../src/protocol/delta.ts';
import { createSpending } from '../../src/routing/spending.ts';

const CHAT: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

describe('what an attempt has cost', () => {
  it('is nothing as long as nothing was said', () => {
    const spending = createSpending(CHAT);
    spending.see([choiceDelta(0, { role: 'assistant', content: '' })]);
    expect([spending.usage(), spending.isReported()]).toEqual([null, false]);
  });

  it('is what the provider counts, the last count first', () => {
    const spending = createSpending(CHAT);
    const counts = [1, 7].map((completion) => toUsage({ prompt: 3, completion }));
    spending.see(counts.map((usage) => ({ type: 'usage', usage })));
    expect([spending.usage(), spending.isReported()]).toEqual([counts[1], true]);
  });

  it('is estimated from all that was said: text, thoughts, calls', () => {
    const spending = createSpending(CHAT);
    const call = { index: 0, function: { arguments: 'y'.repeat(40) } };
    spending.see([choiceDelta(0, { content: 'x'.repeat(40), reasoning_content: 'z'.repeat(40), tool_calls: [call] })]);
    expect(spending.usage()).toMatchObject({ prompt_tokens: 6, completion_tokens: 30, total_tokens: 36 });
    expect(spending.isReported()).toBe(false);
  });
});
