import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { choiceDelta } from '../../src/protocol/delta.ts';
import { canRescue, createRescue } from '../../src/routing/rescue.ts';
import { Transcript } from '../../src/routing/transcript.ts';
import { requestOf } from '../support/asked.ts';

const CHAT: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true };
const REQUEST = requestOf(CHAT);
const SENT = 'The sea is calm';

function transcriptOf(...deltas: readonly Parameters<typeof choiceDelta>[1][]): Transcript {
  const transcript = new Transcript();
  transcript.add(deltas.map((delta) => choiceDelta(0, delta)));
  return transcript;
}

describe('canRescue (mid-stream failover)', () => {
  it('requires one choice of plain text', () => {
    const sent = transcriptOf({ content: 'Hi' });
    expect(canRescue(REQUEST, sent)).toBe(true);
    expect(canRescue(requestOf({ ...CHAT, n: 2 }), sent)).toBe(false);
    expect(canRescue(requestOf({ ...CHAT, logprobs: true }), sent)).toBe(false);
  });

  it.each([
    [{ tool_calls: [{ index: 0 }] }],
    [{ function_call: { name: 'f' } }],
    [{ refusal: 'No' }],
    [{ images: [{}] }],
    [{ audio: {} }],
  ])('refuses %o', (delta) => {
    expect(canRescue(REQUEST, transcriptOf({ content: 'Hi' }, delta))).toBe(false);
  });

  it('allows reasoning', () => {
    expect(canRescue(REQUEST, transcriptOf({ reasoning_content: 'Hm' }, { content: 'Hi' }))).toBe(true);
  });
});

describe('createRescue (mid-stream failover)', () => {
  it('sends the partial answer as prefill, without white space at its end', () => {
    const { request, way } = createRescue(REQUEST, `${SENT}\n`, ['prefix']);
    expect(way).toBe('prefix');
    expect(request.messages).toEqual([...REQUEST.messages, { role: 'assistant', content: SENT, at: 1, source: null }]);
    expect(REQUEST.messages).toHaveLength(1);
  });

  it('continues a prefill that the client had given itself', () => {
    const begun: ChatRequest = { ...CHAT, messages: [...CHAT.messages, { role: 'assistant', content: 'Today: ' }] };
    const { request } = createRescue(requestOf(begun), SENT, ['prefix']);
    const answer = { role: 'assistant', content: `Today: ${SENT}`, at: 1, source: null };
    expect(request.messages).toEqual([...REQUEST.messages, answer]);
  });

  it('reduces max_tokens by what was sent, to at least one', () => {
    const limitAfter = (limits: object) =>
      createRescue(requestOf({ ...CHAT, ...limits }), SENT, ['prefix']).request.maxOutputTokens;
    expect([limitAfter({ max_tokens: 10 }), limitAfter({ max_completion_tokens: 2 })]).toEqual([6, 1]);
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
    const request = requestOf(chat);
    const rescue = createRescue(request, sent, [wanted]);
    expect([rescue.way, rescue.request]).toEqual(['aligned', request]);
  });
});
