import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/protocol/chat.ts';
import { choiceDelta } from '../../src/protocol/delta.ts';
import { canRescue, createRescue } from '../../src/routing/rescue.ts';
import { Transcript } from '../../src/routing/transcript.ts';

const CHAT: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true };
const SENT = 'The sea is calm';

function transcriptOf(...deltas: readonly Parameters<typeof choiceDelta>[1][]): Transcript {
  const transcript = new Transcript();
  transcript.add(deltas.map((delta) => choiceDelta(0, delta)));
  return transcript;
}

describe('canRescue (mid-stream failover)', () => {
  it('requires one choice of plain text', () => {
    const sent = transcriptOf({ content: 'Hi' });
    expect(canRescue(CHAT, sent)).toBe(true);
    expect(canRescue({ ...CHAT, n: 2 }, sent)).toBe(false);
    expect(canRescue({ ...CHAT, logprobs: true }, sent)).toBe(false);
  });

  it.each([
    [{ tool_calls: [{ index: 0 }] }],
    [{ function_call: { name: 'f' } }],
    [{ refusal: 'No' }],
    [{ images: [{}] }],
    [{ audio: {} }],
  ])('refuses %o', (delta) => {
    expect(canRescue(CHAT, transcriptOf({ content: 'Hi' }, delta))).toBe(false);
  });

  it('allows reasoning', () => {
    expect(canRescue(CHAT, transcriptOf({ reasoning_content: 'Hm' }, { content: 'Hi' }))).toBe(true);
  });
});

describe('createRescue (mid-stream failover)', () => {
  it('sends the partial answer as prefill, without white space at its end', () => {
    const { chat, way } = createRescue(CHAT, `${SENT}\n`, ['prefix']);
    expect(way).toBe('prefix');
    expect(chat.messages).toEqual([...CHAT.messages, { role: 'assistant', content: SENT }]);
    expect(CHAT.messages).toHaveLength(1);
  });

  it('continues a prefill that the client had given itself', () => {
    const begun: ChatRequest = { ...CHAT, messages: [...CHAT.messages, { role: 'assistant', content: 'Today: ' }] };
    const { chat } = createRescue(begun, SENT, ['prefix']);
    expect(chat.messages).toEqual([...CHAT.messages, { role: 'assistant', content: `Today: ${SENT}` }]);
  });

  it('reduces max_tokens by what was sent, to at least one', () => {
    const limits = { max_tokens: 10, max_completion_tokens: 2 };
    expect(createRescue({ ...CHAT, ...limits }, SENT, ['prefix']).chat).toMatchObject({
      max_tokens: 6,
      max_completion_tokens: 1,
    });
  });

  it.each([
    ['no prefix is taken', CHAT, SENT, 'aligned'] as const,
    ['nothing but white space was sent', CHAT, ' \n', 'continued'] as const,
    [
      'the answer has a grammar',
      { ...CHAT, response_format: { type: 'json_object' } } as ChatRequest,
      '{"a',
      'continued',
    ] as const,
  ])('sends the original request again when %s', (_name, chat, sent, wanted) => {
    const { way, chat: asked } = createRescue(chat, sent, [wanted]);
    expect([way, asked]).toEqual(['aligned', chat]);
  });
});
