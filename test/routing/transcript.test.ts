import { describe, expect, it } from 'vitest';
import { choiceDelta, toUsage } from '../../src/protocol/delta.ts';
import { Transcript } from '../../src/routing/transcript.ts';

describe('the transcript of a call (rescue)', () => {
  it('has the text that was sent, without reasoning', () => {
    const transcript = new Transcript();
    transcript.add([choiceDelta(0, { role: 'assistant', content: '' }), choiceDelta(0, { reasoning_content: 'Hm' })]);
    transcript.add([
      choiceDelta(0, { content: 'Hel' }),
      { type: 'usage', usage: toUsage({ prompt: 1, completion: 1 }) },
    ]);
    transcript.add([choiceDelta(0, { content: 'lo' }), { type: 'answer', fields: {} }]);
    expect([transcript.text(), transcript.isPlainText()]).toEqual(['Hello', true]);
  });

  it.each([
    ['a second choice', choiceDelta(1, { content: 'x' })],
    ['a call', choiceDelta(0, { tool_calls: [{ index: 0 }] })],
    ['log probabilities', { ...choiceDelta(0, { content: 'x' }), logprobs: { content: [], refusal: null } }],
  ])('cannot be rescued after %s', (_name, delta) => {
    const transcript = new Transcript();
    transcript.add([delta]);
    transcript.add([choiceDelta(0, { content: 'y' })]);
    expect(transcript.isPlainText()).toBe(false);
  });
});
