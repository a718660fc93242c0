import { describe, expect, it } from 'vitest';
import { createCompletion } from '../../src/languages/chat/client-completion.ts';
import type { ChatRequest, Message } from '../../src/languages/chat/schema.ts';
import { ChatReader } from '../../src/languages/chat/upstream-reader.ts';
import type { StreamReader } from '../../src/languages/dialect.ts';
import { createGeminiDialect } from '../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../src/languages/gemini/signature-store.ts';
import { foldOutput } from '../../src/languages/responses/client-output-fold.ts';
import { createResponsesReader } from '../../src/languages/responses/upstream-reader.ts';
import { choiceDelta } from '../../src/protocol/delta.ts';
import { openai } from '../../src/providers/openai/openai.ts';
import { perplexity } from '../../src/providers/perplexity/perplexity.ts';
import { requestOf } from '../support/asked.ts';
import { growthOf } from '../support/cpu.ts';
import { CHAT, FACTS, SPOKEN_TO } from '../support/replay.ts';

const tools = { newId: () => 'call_new', signatures: createSignatureStore() };
const gemini = createGeminiDialect(tools);
const USER: Message = { role: 'user', content: 'x' };

/** Linear work is measured as 8, a little more where more memory leaves the caches. */
const LINEAR = 20;

function listOf<T>(size: number, entryOf: (at: number) => T): T[] {
  return Array.from({ length: size }, (_, at) => entryOf(at));
}

function parallelCalls(size: number): Message[] {
  const calls = listOf(size, (at) => ({
    id: `call_${at}`,
    type: 'function',
    function: { name: 'f', arguments: '{}' },
  }));
  const details = listOf(size, (at) => ({ format: 'google-gemini-v1', id: `call_${at}`, data: 'x' }));
  const results = listOf(size, (at) => ({
    role: 'tool' as const,
    tool_call_id: `call_${size - at - 1}`,
    content: '{"a":1}',
  }));
  return [USER, { role: 'assistant', tool_calls: calls, reasoning_details: details }, ...results];
}

const named = (at: number): string => `function_${at}`;
const declared = (size: number) => listOf(size, (at) => ({ type: 'function', function: { name: named(at) } }));
const allowed = (size: number) => ({
  type: 'allowed_tools',
  allowed_tools: { mode: 'auto', tools: declared(size) },
});

const REQUESTS: readonly (readonly [string, number, (size: number) => Partial<ChatRequest>])[] = [
  ['parallel calls and their answers', 1000, (size) => ({ messages: parallelCalls(size) })],
  ['short turns', 1000, (size) => ({ messages: listOf(size, () => USER) })],
  [
    'content parts',
    2000,
    (size) => ({ messages: [{ role: 'user', content: listOf(size, () => ({ type: 'text', text: 'x' })) }] }),
  ],
  ['tools that are allowed by name', 250, (size) => ({ tools: declared(size), tool_choice: allowed(size) })],
  [
    'a schema of many members',
    1000,
    (size) => ({
      tools: [
        {
          type: 'function',
          function: {
            name: 'f',
            parameters: {
              allOf: listOf(size, (at) => ({ properties: { [`p${at}`]: {} }, required: [`p${at}`] })),
            },
          },
        },
      ],
    }),
  ],
];

describe.each([
  ['Gemini', gemini, 'gemini-3.8-flash'],
  ['an older Gemini', gemini, 'gemini-2.0-flash'],
  ['chat', openai.createDialect(tools, SPOKEN_TO)(requestOf(CHAT), { ...FACTS, upstream: 'gpt-4o' }), 'gpt-4o'],
  [
    'Responses',
    openai.createDialect(tools, SPOKEN_TO)(requestOf(CHAT), { ...FACTS, upstream: 'gpt-6-pro' }),
    'gpt-6-pro',
  ],
  ['Perplexity', perplexity.createDialect(tools, SPOKEN_TO)(requestOf(CHAT), FACTS), 'perplexity/sonar'],
] as const)('a request to %s grows with', (_name, dialect, upstream) => {
  it.each(REQUESTS)('%s', (_what, size, chatOf) => {
    const workOf = (of: number) => {
      const chat: ChatRequest = { ...CHAT, ...chatOf(of) };
      return () => dialect.request(requestOf(chat), { ...FACTS, upstream });
    };
    expect(growthOf(workOf, size)).toBeLessThan(LINEAR);
  });
});

describe('a request to Gemini', () => {
  const REFERRING = listOf(10, (tool) => ({
    type: 'function',
    function: {
      name: `f${tool}`,
      parameters: {
        type: 'object',
        properties: {
          start: { $ref: '#/properties/p0' },
          ...Object.fromEntries(listOf(20, (at) => [`p${at}`, nested(at)])),
        },
      },
    },
  }));

  function nested(at: number): object {
    const $ref = `#/properties/p${at + 1}`;
    return { type: 'object', properties: { a: { $ref }, b: { $ref }, c: { $ref } } };
  }

  it.each(['gemini-3.8-flash', 'gemini-2.0-flash'])(
    '%s grows by its references only so far, all tools together',
    (upstream) => {
      const { body } = gemini.request(requestOf({ ...CHAT, tools: REFERRING }), { ...FACTS, upstream });
      const one = gemini.request(requestOf({ ...CHAT, tools: REFERRING.slice(0, 1) }), { ...FACTS, upstream });
      const size = JSON.stringify(body).length;
      expect(size).toBeLessThan(2_000_000);
      // One tool spends what there is; nine more add what they are themselves.
      expect(size).toBeLessThan(JSON.stringify(one.body).length + 10 * JSON.stringify(REFERRING).length);
    },
  );

  it.each(['gemini-3.8-flash', 'gemini-2.0-flash'])(
    '%s survives references that lead deeper and deeper',
    (upstream) => {
      const level = (inside: object): object => ({ type: 'object', properties: { a: inside } });
      const deep = (at: number) => listOf(25, () => 0).reduce<object>(level, { $ref: `#/properties/p${at + 1}` });
      const parameters = { type: 'object', properties: Object.fromEntries(listOf(500, (at) => [`p${at}`, deep(at)])) };
      const tool = { type: 'function', function: { name: 'f', parameters } };
      expect(() =>
        JSON.stringify(gemini.request(requestOf({ ...CHAT, tools: [tool] }), { ...FACTS, upstream }).body),
      ).not.toThrow();
    },
  );

  it('takes JSON inside of texts for a text where it would be too much', () => {
    const zeros = `{"a":[${'0,'.repeat(300_000)}0]}`;
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    for (const text of [zeros, deep]) {
      const call = { id: 'c', type: 'function', function: { name: 'f', arguments: text } };
      const messages: Message[] = [
        USER,
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c', content: text },
      ];
      const { body } = gemini.request(requestOf({ ...CHAT, messages }), { ...FACTS, upstream: 'gemini-3.8-flash' });
      expect(body['contents']).toMatchObject([
        {},
        { parts: [{ functionCall: { args: { _raw: text } } }] },
        { parts: [{ functionResponse: { response: { output: text } } }] },
      ]);
    }
  });
});

const call = (at: number, more: object) => ({ index: at, ...more });

const ANSWERS: readonly (readonly [string, () => StreamReader, (at: number) => object])[] = [
  [
    'parallel calls of chat',
    () => new ChatReader(tools.newId),
    (at) => ({
      choices: [{ delta: { tool_calls: [call(at, { id: `c${at}`, function: { name: 'f', arguments: '{}' } })] } }],
    }),
  ],
  [
    'pieces of one call that repeat its name under new ids',
    () => new ChatReader(tools.newId),
    (at) => ({
      choices: [
        { delta: { tool_calls: [call(0, { id: `c${at}`, function: { name: 'f', arguments: at ? 'x' : '{"a":"' } })] } },
      ],
    }),
  ],
  [
    'parallel calls of Gemini',
    () => gemini.stream(requestOf(CHAT), FACTS),
    (at) => ({ candidates: [{ content: { parts: [{ functionCall: { id: `c${at}`, name: 'f', args: {} } }] } }] }),
  ],
  [
    'calls of Responses',
    () =>
      createResponsesReader({
        newId: tools.newId,
        functions: null,
        isNative: false,
        isPutOff: false,
        runsCode: false,
        callsServers: false,
      }),
    (at) => ({
      type: 'response.output_item.added',
      output_index: at,
      item: { type: 'function_call', id: `fc${at}`, call_id: `c${at}`, name: 'f' },
    }),
  ],
];

describe('an answer grows with', () => {
  it.each(ANSWERS)('%s', (_name, readerOf, eventOf) => {
    const workOf = (size: number) => {
      const events = listOf(size, (at) => JSON.stringify(eventOf(at)));
      return () => {
        const reader = readerOf();
        for (const event of events) reader.read(event);
      };
    };
    expect(growthOf(workOf, 1000)).toBeLessThan(LINEAR);
  });

  it('pieces of many thoughts', () => {
    const workOf = (size: number) => {
      const pieces = listOf(size, (index) => choiceDelta(0, { reasoning_details: [{ index, type: 't', text: 'x' }] }));
      return () => createCompletion().add(pieces);
    };
    expect(growthOf(workOf, 1000)).toBeLessThan(LINEAR);
  });
});

it('the output of a stream that was cut off grows with the pieces that have log probabilities', () => {
  const frame = (event: object): string => `data: ${JSON.stringify({ output_index: 0, ...event })}\n\n`;
  const begun = frame({ type: 'response.output_item.added', item: { type: 'message', content: [] } });
  const logprobs = [{ token: 'x', logprob: -1 }];
  const piece = frame({ type: 'response.output_text.delta', content_index: 0, delta: 'x', logprobs });
  const workOf = (of: number) => {
    const frames = [begun, ...listOf(of, () => piece)];
    return () => foldOutput(frames);
  };
  expect(growthOf(workOf, 1500)).toBeLessThan(LINEAR);
});
