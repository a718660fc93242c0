import { beforeEach, describe, expect, it } from 'vitest';
import { createCompletion } from '../../../src/languages/chat/client-completion.ts';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import { createGeminiDialect } from '../../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';
import type { Delta } from '../../../src/protocol/delta.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { requestOf } from '../../support/asked.ts';
import { CHAT, FACTS, IDENTITY } from '../../support/replay.ts';

let ids = 0;
const dialect = createGeminiDialect({ newId: () => `call_${++ids}`, signatures: createSignatureStore() });

beforeEach(() => {
  ids = 0;
});

function firstChoice(completion: JsonRecord): { message: JsonRecord; finish: unknown } {
  const choice = recordOf(recordsOf(completion['choices'])[0]);
  return { message: recordOf(choice['message']), finish: choice['finish_reason'] };
}

/** What a whole answer with these parts is read as. */
function readWhole(parts: readonly object[], chat: Partial<ChatRequest> = {}, finishReason = 'STOP') {
  const completion = createCompletion();
  const body = { candidates: [{ content: { parts }, finishReason }] };
  completion.add(dialect.response(body, requestOf({ ...CHAT, ...chat }), FACTS));
  return firstChoice(recordOf(completion.toBody(IDENTITY)));
}

describe('the finishReason of a Gemini stream', () => {
  const text = { text: 'Hi' };
  const code = { executableCode: { language: 'PYTHON', code: 'print(1)' } };
  const event = (part: object, finishReason?: string, index = 0) =>
    JSON.stringify({ candidates: [{ content: { parts: [part] }, finishReason, index }] });

  it.each([
    ['is its last word', true, [event(text), event(text, 'STOP')]],
    ['is not there yet', false, [event(text)]],
    ['is missing for one candidate', false, [event(text, 'STOP'), event(text, undefined, 1)]],
    ['stands on every event', false, [event(text, 'STOP'), event(text, 'STOP')]],
    ['comes with code that is run', false, [event(code, 'STOP')]],
    ['stays when words follow it', true, [event(text, 'STOP'), event(text)]],
  ])('%s (finished: %s)', (_name, isFinished, events) => {
    const reader = dialect.stream(requestOf(CHAT), FACTS);
    for (const data of events) reader.read(data);
    expect(reader.isFinished()).toBe(isFinished);
  });
});

describe('a whole Gemini answer', () => {
  const call = (name: string) => ({ functionCall: { name, args: { a: 1 } } });
  const declare = (name: string): Partial<ChatRequest> => ({ tools: [{ type: 'function', function: { name } }] });

  it.each([
    ['MAX_TOKENS', 'length'],
    ['RECITATION', 'content_filter'],
    ['IMAGE_SAFETY', 'content_filter'],
    ['OTHER', 'stop'],
    ['A_NEW_REASON', 'stop'],
  ])('with text and %s finishes with %s', (reason, finish) => {
    expect(readWhole([{ text: 'Hi' }], {}, reason).finish).toBe(finish);
  });

  it.each(['OTHER', 'NO_IMAGE', 'SAFETY'])('without text and with %s finishes with content_filter', (reason) => {
    expect(readWhole([], {}, reason).finish).toBe('content_filter');
  });

  it.each(['OTHER', 'MALFORMED_FUNCTION_CALL'])('without content keeps its usage with %s', (finishReason) => {
    const body = { candidates: [{ finishReason }], usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2 } };
    const read = (): readonly Delta[] => dialect.response(body, requestOf(CHAT), FACTS);
    const usage = { prompt_tokens: 7, completion_tokens: 2 };
    if (finishReason === 'OTHER') expect(read()).toMatchObject([{ usage }, { finish: 'content_filter' }]);
    else expect(read).toThrow(expect.objectContaining({ usage: expect.objectContaining(usage) }));
  });

  it('finishes with length when MAX_TOKENS came after a tool call', () => {
    expect(readWhole([call('f')], {}, 'MAX_TOKENS').finish).toBe('length');
  });

  it('names a function as the client declared it', () => {
    const { message } = readWhole([call('_2fast')], declare('2fast'));
    expect(recordsOf(message['tool_calls'])[0]).toMatchObject({ function: { name: '2fast' } });
  });

  it('keeps the first tool call with parallel_tool_calls: false', () => {
    const { message } = readWhole([call('f'), call('g')], { parallel_tool_calls: false });
    expect(recordsOf(message['tool_calls'])).toHaveLength(1);
  });

  it('gives two tool calls of one id an id each', () => {
    const twin = { functionCall: { name: 'f', id: 'same' } };
    const calls = recordsOf(readWhole([twin, twin]).message['tool_calls']);
    expect(calls.map((one) => one['id'])).toEqual(['same', 'call_1']);
  });

  it('has no code blocks with a JSON response_format', () => {
    const parts = [{ executableCode: { language: 'PYTHON', code: 'x' } }, { text: '{}' }];
    expect(readWhole(parts, { response_format: { type: 'json_object' } }).message['content']).toBe('{}');
  });

  it('leaves out images among the thoughts', () => {
    const { message } = readWhole([
      { thought: true, inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { text: 'Hi' },
    ]);
    expect(message['images']).toBeUndefined();
  });

  it('reads logprobs', () => {
    const result = {
      chosenCandidates: [{ token: 'é', logProbability: -0.5 }, { token: '!' }],
      topCandidates: [{ candidates: [{ token: 'e', logProbability: -2 }] }],
    };
    const candidate = { content: { parts: [{ text: 'é!' }] }, finishReason: 'STOP', logprobsResult: result };
    const deltas = dialect.response({ candidates: [candidate] }, requestOf(CHAT), FACTS);
    const logprobs = deltas.map((delta) => (delta.type === 'choice' ? delta.logprobs : null)).find(Boolean);
    expect(logprobs?.content).toEqual([
      { token: 'é', logprob: -0.5, bytes: [195, 169], top_logprobs: [{ token: 'e', logprob: -2, bytes: [101] }] },
      { token: '!', logprob: 0, bytes: [33], top_logprobs: [] },
    ]);
  });

  it('counts cached, audio and tool tokens in usage', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      cachedContentTokenCount: 4,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 3,
      promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 6 }],
    };
    const deltas = dialect.response({ candidates: [{}], usageMetadata }, requestOf(CHAT), FACTS);
    const usage = deltas.find((delta) => delta.type === 'usage');
    expect(usage).toMatchObject({
      usage: { prompt_tokens: 15, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4, audio_tokens: 6 } },
    });
  });

  it.each([
    [[{ error: { code: 500, message: 'Broken.' } }]],
    [{ error: { code: 500, message: 'Broken.' } }],
    ['text'],
    [null],
  ])('%j is a failure', (body) => {
    expect(() => dialect.response(body, requestOf(CHAT), FACTS)).toThrow();
  });

  it('does not blame the API key when cached content has expired', () => {
    const body = {
      error: { code: 403, message: 'CachedContent not found (or permission denied)', status: 'PERMISSION_DENIED' },
    };
    expect(dialect.failure(403, {}, JSON.stringify(body), 0).kind).toBe('invalid-request');
  });
});
