import { describe, expect, it } from 'vitest';
import { readChatBody } from '../../../src/languages/chat/client-request.ts';
import { createUnsaidParameters } from '../../../src/languages/unsaid-parameters.ts';
import type { AnswerMessage, ModelMessage } from '../../../src/protocol/model-message.ts';
import { callsIn, partsIn, wordsOf } from '../../../src/protocol/model-message.ts';
import { changed, functionsIn, type ModelRequest } from '../../../src/protocol/model-request.ts';
import { atOnce } from '../../../src/protocol/turns.ts';

const HELLO = { role: 'user', content: 'Hello' } as const;

function read(fields: object = {}): ModelRequest {
  return atOnce(readChatBody({ model: 'm', messages: [HELLO], ...fields })).request;
}

function answer(fields: object): AnswerMessage {
  const [message] = read({ messages: [{ role: 'assistant', ...fields }] }).messages;
  return message as AnswerMessage;
}

describe('a chat in the words of the house', () => {
  it('says nothing that the client does not say', () => {
    const { origin, messages, ...fields } = read();
    expect(fields).toMatchObject({ isStream: false, maxOutputTokens: null, tools: [], stop: null, choiceCount: 1 });
    expect(messages).toEqual([{ role: 'user', content: 'Hello', at: 0, source: HELLO }]);
    expect(origin.asked().map(({ name }) => name)).toEqual(['model', 'messages']);
  });

  it('keeps the body as it came, also where the request goes on behind an answer that broke off', () => {
    const body = { model: 'm', messages: [HELLO], max_tokens: 5 };
    const { request } = atOnce(readChatBody(body));
    const shorter = changed(request, { maxOutputTokens: 3 });
    expect([request.origin.body, shorter.origin.body, shorter.maxOutputTokens]).toEqual([body, body, 3]);
  });

  it('reads the newer limit where both are given', () => {
    const request = read({ max_tokens: 5, max_completion_tokens: 7 });
    expect(request.maxOutputTokens).toBe(7);
    expect(request.origin.paramOf('maxOutputTokens')).toBe('max_completion_tokens');
  });

  it('reads the parts of a user and tells where they stand', () => {
    const image = { type: 'image_url', image_url: { url: 'data:,x', detail: 'low' } };
    const file = { type: 'file', file: { file_id: 'f1', filename: 'a.pdf' } };
    const { messages, origin } = read({
      messages: [HELLO, { role: 'user', content: [image, file, { type: 'x', a: 1 }] }],
    });
    const parts = partsIn(messages[1] as ModelMessage);
    expect(parts).toMatchObject([
      { type: 'image', url: 'data:,x', detail: 'low', fileId: null, source: image },
      { type: 'file', data: null, fileId: 'f1', name: 'a.pdf' },
      { type: 'other', kind: 'x', source: { type: 'x', a: 1 } },
    ]);
    expect(parts.map((part) => origin.pathOf(part))).toEqual([
      'messages[1].content[0]',
      'messages[1].content[1]',
      'messages[1].content[2]',
    ]);
    expect(parts.map((part) => origin.typeOf(part))).toEqual(['image_url', 'file', 'x']);
  });

  it('puts an answer in order: thoughts, words, calls', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const message = answer({ content: 'Hm.', reasoning_content: 'Think', refusal: 'No', tool_calls: [call] });
    expect(partsIn(message)).toMatchObject([
      { type: 'reasoning', text: 'Think' },
      { type: 'text', text: 'Hm.' },
      { type: 'refusal', text: 'No' },
      { type: 'call', id: 'c1', name: 'f', arguments: '{}', isCustom: false, carried: null, source: call },
    ]);
    expect(wordsOf(message.content)).toBe('Hm.No');
  });

  it.each([
    ['Google', { id: 'c1', extra_content: { google: { thought_signature: 's' } } }],
    ['LiteLLM', { id: 'c1', provider_specific_fields: { thought_signature: 's' } }],
    ['LiteLLM, in the id', { id: 'c1__thought__s' }],
    ['Portkey', { id: 'c1', thought_signature: 's' }],
  ])('finds the thought signature of a call where the clients of %s keep it', (_, fields) => {
    const call = { type: 'function', function: { name: 'f', arguments: '{}' }, ...fields };
    const [read] = callsIn(answer({ content: null, tool_calls: [call] }));
    expect(read).toMatchObject({
      id: 'c1',
      carried: { provider: 'google', kind: 'thought-signature', data: 's' },
    });
  });

  it("carries OpenRouter's details as they came", () => {
    const detail = { type: 'reasoning.encrypted', format: 'google-gemini-v1', data: 's', id: 'c1' };
    const [part] = partsIn(answer({ content: 'Hm.', reasoning_details: [detail] }));
    expect(part).toMatchObject({
      type: 'carried',
      provider: 'google-gemini-v1',
      kind: 'reasoning-detail',
      data: detail,
    });
  });

  it('reads old functions as tools, their calls and their results', () => {
    const functions = [{ name: 'f', parameters: { type: 'object' } }];
    const messages = [
      HELLO,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      { role: 'function', name: 'f', content: '2' },
    ];
    const { request } = atOnce(readChatBody({ model: 'm', messages, functions, function_call: { name: 'f' } }));
    expect(functionsIn(request)).toMatchObject([{ name: 'f', parameters: { type: 'object' }, strict: null }]);
    expect(request.toolChoice).toMatchObject({ type: 'function', name: 'f' });
    expect(request.parallelToolCalls).toBe(false);
    expect(callsIn(request.messages[1] as AnswerMessage)).toMatchObject([{ id: 'call_1', arguments: '{"a":1}' }]);
    expect(request.messages[2]).toMatchObject({ role: 'tool', callId: 'call_1', content: '2' });
  });

  it('reads which tools may be called', () => {
    const named = { type: 'function', function: { name: 'f' } };
    expect(read({ tool_choice: 'none' }).toolChoice).toBe('none');
    expect(read({ tool_choice: named }).toolChoice).toEqual({ type: 'function', name: 'f', source: named });
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } };
    expect(read({ tool_choice: allowed }).toolChoice).toMatchObject({
      type: 'allowed',
      mode: 'required',
      tools: [{ type: 'function', name: 'f' }],
    });
  });

  it("names what a dialect leaves unsaid in the client's words and order", () => {
    const request = read({
      top_k: 3,
      reasoning_effort: 'low',
      min_p: 0.1,
      n: 1,
      logit_bias: {},
      user: 'u',
      max_tokens: 5,
      plugins: [{}],
    });
    const unsaid = createUnsaidParameters({ parameters: ['reasoning', 'maxOutputTokens'], extras: ['plugins'] });
    expect(unsaid(request)).toEqual(['top_k', 'min_p', 'user']);
    expect(request.extras).toEqual({ min_p: 0.1, plugins: [{}] });
  });

  it('names fields of messages that only a chat has', () => {
    const request = read({ messages: [{ ...HELLO, name: 'Ada' }] });
    expect(request.origin.askedInMessages()).toEqual(['messages[].name']);
  });

  it('reads a large chat in steps', () => {
    const steps = readChatBody({ model: 'm', messages: Array.from({ length: 10_000 }, () => HELLO) });
    let count = 0;
    while (!steps.next().done) count++;
    expect(count).toBeGreaterThan(20);
  });
});
