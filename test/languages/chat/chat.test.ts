import { describe, expect, it } from 'vitest';
import { createChatDialect } from '../../../src/languages/chat/chat.ts';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import { fitCallId } from '../../../src/languages/chat/upstream-history.ts';
import { plainCallId, signatureInId } from '../../../src/languages/chat/words.ts';
import type { FailureKind } from '../../../src/protocol/failure-kinds.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { requestOf } from '../../support/asked.ts';
import { FACTS, replayWhole } from '../../support/replay.ts';
import { dialectFor } from '../replay-dialects.ts';

const USER = { role: 'user', content: 'Hello' } as const;
const CHAT: ChatRequest = { model: 'm', messages: [USER] };

function upstreamOf(chat: ChatRequest) {
  return createChatDialect({}, () => 'call_new').request(requestOf(chat), FACTS);
}

function readBody(body: unknown, padding = '') {
  const dialect = dialectFor('chat');
  if (dialect === null) throw new Error('No chat dialect.');
  return replayWhole(dialect, Buffer.from(padding + JSON.stringify(body)));
}

function answer(choice: JsonRecord, rest: JsonRecord = {}) {
  return { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, ...choice }], ...rest };
}

function choiceOf(body: unknown, padding?: string) {
  const { completion, failure } = readBody(body, padding);
  expect(failure).toBeNull();
  const choice = recordOf(recordsOf(completion['choices'])[0]);
  return { finish: choice['finish_reason'], message: recordOf(choice['message']), completion };
}

describe('a request in the chat dialect', () => {
  it('has the upstream id and every field of the client but those of the gateway', () => {
    const { path, body, dropped } = upstreamOf({ ...CHAT, fallbacks: ['x'], top_k: 4, provider: { sort: 'price' } });
    expect(path).toBe('/chat/completions');
    expect(body).toEqual({ model: 'upstream-model', messages: [USER], top_k: 4, provider: { sort: 'price' } });
    expect(dropped).toEqual([]);
  });

  it('always asks a stream for usage (stream_options.include_usage)', () => {
    const stream_options = { include_usage: false, include_obfuscation: false };
    const { body } = upstreamOf({ ...CHAT, stream: true, stream_options });
    expect(body['stream_options']).toEqual({ include_usage: true, include_obfuscation: false });
    expect(upstreamOf({ ...CHAT, stream: true }).body['stream_options']).toEqual({ include_usage: true });
  });

  it('sends no thought signature to another provider', () => {
    const signed = { google: { thought_signature: 'secret' } };
    const signedFunction = { name: 'f', arguments: '{}', thought_signature: 'secret' };
    const call = { id: 'call_1__thought__secret', type: 'function', function: signedFunction };
    const messages: ChatRequest['messages'] = [
      USER,
      { role: 'assistant', content: 'x', extra_content: signed, tool_calls: [{ ...call, extra_content: signed }] },
      { role: 'tool', tool_call_id: 'call_1__thought__secret', content: '1' },
    ];
    const { body } = upstreamOf({ ...CHAT, messages });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(recordsOf(body['messages'])[1]).toMatchObject({ tool_calls: [{ function: { name: 'f' } }] });
    expect(recordsOf(body['messages'])[2]).toMatchObject({ tool_call_id: 'call_1' });
  });

  it('leaves the request of the client unchanged', () => {
    const chat = structuredClone({ ...CHAT, stream: true, fallbacks: ['x'] });
    upstreamOf(chat);
    expect(chat).toEqual({ ...CHAT, stream: true, fallbacks: ['x'] });
  });
});

describe('the id of a tool call', () => {
  it('may carry a signature behind it', () => {
    expect([plainCallId('a__thought__b'), signatureInId('a__thought__b')]).toEqual(['a', 'b']);
    expect([plainCallId('a'), signatureInId('a')]).toEqual(['a', null]);
  });

  it('is shortened where it is too long, so that different ids stay different', () => {
    expect(fitCallId('call_1__thought__b', 40)).toBe('call_1');
    const [first, second] = ['1', '2'].map((end) => fitCallId(`${'x'.repeat(50)}${end}`, 40));
    expect(first).toHaveLength(40);
    expect(first).not.toBe(second);
  });
});

describe('a whole answer of the chat dialect', () => {
  it('is read behind white space that kept the connection alive', () => {
    const body = answer({ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' });
    expect(choiceOf(body, '\n         \n\n         \n').message['content']).toBe('Hi');
  });

  it('has tool calls without an index, and an object for empty arguments', () => {
    const calls = [
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 0, id: 'b', type: 'function', function: { name: 'g', arguments: '{"x":1}' } },
    ];
    const body = answer({ message: { content: '', tool_calls: calls }, finish_reason: 'tool_calls' });
    expect(choiceOf(body).message).toMatchObject({
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{"x":1}' } },
      ],
    });
  });

  it('takes null for no content, whatever usage says, and keeps an empty text when it was cut', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 };
    const { failure } = readBody(answer({ message: { content: null }, finish_reason: 'stop' }, { usage }));
    expect(failure).toMatchObject({ kind: 'server' });
    expect(choiceOf(answer({ message: { content: '' }, finish_reason: 'length' })).message['content']).toBe('');
  });

  it('keeps reasoning under either name', () => {
    const reasonings = [{ reasoning: 'Hm' }, { reasoning_content: 'Hm' }, { reasoning_content: '', reasoning: 'Hm' }];
    for (const reasoning of reasonings) {
      const body = answer({ message: { content: 'Hi', ...reasoning }, finish_reason: 'stop' });
      expect(choiceOf(body).message['reasoning_content']).toBe('Hm');
    }
  });

  it('reads content that comes as parts', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(choiceOf(answer({ message: { content }, finish_reason: 'stop' })).message['content']).toBe('ab');
    const thinking = [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }, ...content];
    const { message } = choiceOf(answer({ message: { content: thinking }, finish_reason: 'stop' }));
    expect(message).toMatchObject({ content: 'ab', reasoning_content: 'Hm' });
  });

  it('has of audio only the fields of OpenAI', () => {
    const audio = { id: 'audio_1', data: 'AAAA', transcript: 'Hi', expires_at: 1.5 };
    const said = { content: null, audio: { ...audio, codec: 'x', voice: null } };
    const { message } = choiceOf(answer({ message: said, finish_reason: 'stop' }));
    expect(message['audio']).toEqual({ ...audio, expires_at: 1 });
  });

  it.each([
    ['end_turn', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['max_output_tokens', 'length'],
    ['SAFETY', 'content_filter'],
    ['tool_use', 'tool_calls'],
  ])('maps the finish_reason %s to %s', (word, finish) => {
    expect(choiceOf(answer({ message: { content: 'Hi' }, finish_reason: word })).finish).toBe(finish);
  });

  it('reports completion_tokens as the provider counted them, also where reasoning is beside them', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 2,
      total_tokens: 52,
      completion_tokens_details: { reasoning_tokens: 40 },
    };
    const { completion } = choiceOf(answer({ message: { content: 'Hi' }, finish_reason: 'stop' }, { usage }));
    expect(completion['usage']).toMatchObject({
      completion_tokens: 2,
      total_tokens: 12,
      completion_tokens_details: { reasoning_tokens: 40 },
    });
  });

  it('completes logprobs to the OpenAI form', () => {
    const logprobs = { content: [{ token: 'Hi', logprob: -0.5, top_logprobs: [{ token: 'Yo', logprob: -2 }] }] };
    const { completion } = choiceOf(answer({ message: { content: 'Hi' }, finish_reason: 'stop', logprobs }));
    const alternative = { token: 'Yo', logprob: -2, bytes: null };
    expect(recordsOf(completion['choices'])[0]?.['logprobs']).toEqual({
      content: [{ token: 'Hi', logprob: -0.5, bytes: null, top_logprobs: [alternative] }],
      refusal: null,
    });
  });

  it('separates the citations of a Sonar-shaped answer', () => {
    const rest = { citations: [null, 'https://b.example'], search_results: [{ url: 'https://b.example', title: 'B' }] };
    const body = answer({ message: { content: '<think>Hm</think>\n\nYes[2][1].' }, finish_reason: 'stop' }, rest);
    const { message, completion } = choiceOf(body);
    expect(message).toMatchObject({ content: 'Yes[2][1].', reasoning_content: 'Hm' });
    const place = { start_index: 3, end_index: 6, url: 'https://b.example', title: 'B' };
    expect(message['annotations']).toEqual([{ type: 'url_citation', url_citation: place }]);
    expect(completion['citations']).toEqual(['https://b.example']);
  });

  const FAILURES: readonly (readonly [string, unknown, FailureKind])[] = [
    ['an error under HTTP 200', { error: { code: 502, message: 'x' } }, 'server'],
    ['an error of a choice', answer({ error: { code: 429, message: 'x' }, finish_reason: 'error' }), 'rate-limited'],
    ['an answer that ends with an error', answer({ message: { content: 'a' }, finish_reason: 'error' }), 'server'],
    ['an empty answer', answer({ message: { content: '' }, finish_reason: 'stop' }), 'server'],
    ['an answer without a finish reason', answer({ message: { content: 'a' } }), 'interrupted'],
    ['no choices', { id: 'x', choices: [] }, 'interrupted'],
    ['no choices key', { id: 'x' }, 'server'],
    ['JSON that is no object', [1], 'server'],
  ];

  it.each(FAILURES)('is a failure when it is %s', (_, body, kind) => {
    expect(readBody(body).failure).toMatchObject({ kind });
  });
});
