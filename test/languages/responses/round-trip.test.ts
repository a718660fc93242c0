import { describe, expect, it } from 'vitest';
import { createChance } from '../../../lab/chance.ts';
import { toChatRequest } from '../../../src/languages/chat/upstream-request.ts';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { toInputItems } from '../../../src/languages/responses/client-input.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import { toResponsesRequest } from '../../../src/languages/responses/upstream-request.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import { callsIn, type ModelMessage, partsIn, wordsOf } from '../../../src/protocol/model-message.ts';
import type { ModelRequest } from '../../../src/protocol/model-request.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { requestOf } from '../../support/asked.ts';
import { loadRecordings } from '../../support/recordings.ts';
import { FACTS } from '../../support/replay.ts';

type Chance = () => number;

const ALL = { customTools: true, search: 'options', thoughts: true } as const;

function read(body: unknown, context: readonly JsonRecord[] = []): ModelRequest {
  return atOnce(readResponsesRequest(atOnce(checkResponsesBody(body)), context));
}

const TEXT = { type: 'input_text', text: 'Look.' };
const IMAGE = { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' };
const FILE = { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' };

const SAID: readonly JsonRecord[] = [
  { role: 'user', content: 'Hello' },
  { role: 'user', content: [TEXT, IMAGE, FILE] },
  { role: 'developer', content: 'Be brief.' },
  { role: 'assistant', content: 'Hm.' },
  { role: 'assistant', content: [{ type: 'output_text', text: 'Ho.', annotations: [] }], type: 'message', id: 'msg_1' },
  { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Think' }] },
];
const OUTPUTS = ['done', [TEXT, IMAGE]];
const FUNCTION = { type: 'function', name: 'f', description: 'Adds', parameters: { type: 'object' }, strict: true };
const FORMAT = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };

/** What a response may be asked with beside its input, each with the values among which chance chooses. */
const FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  instructions: ['Speak Latin.'],
  stream: [true],
  max_output_tokens: [16, 700],
  temperature: [0, 1.5],
  top_p: [0.5],
  top_logprobs: [3],
  tools: [
    [FUNCTION, { type: 'custom', name: 'g', format: FORMAT }],
    [{ type: 'web_search', search_context_size: 'low' }],
  ],
  tool_choice: ['none', 'required', { type: 'function', name: 'f' }],
  parallel_tool_calls: [true, false],
  text: [{ format: { type: 'json_object' } }, { verbosity: 'low' }],
  reasoning: [{ effort: 'low' }, { effort: 'high', summary: 'detailed' }],
  service_tier: ['flex'],
  user: ['u'],
  prompt_cache_key: ['k'],
  truncation: ['auto'],
};

function pick<T>(from: readonly T[], chance: Chance): T {
  return from[Math.floor(chance() * from.length)] as T;
}

/** A history in which some calls are parallel, and outputs come in any order. */
function inputBy(chance: Chance): JsonRecord[] {
  const items: JsonRecord[] = [];
  const rounds = 1 + Math.floor(chance() * 5);
  for (let round = 0; round < rounds; round++) {
    items.push(pick(SAID, chance));
    const calls = Array.from({ length: Math.floor(chance() * 3) }, (_, at) => callBy(`c${round}_${at}`, chance));
    const outputs = calls.map(({ type, call_id }) => ({
      type: `${type}_output`,
      call_id,
      output: pick(OUTPUTS, chance),
    }));
    items.push(...calls, ...(chance() < 0.5 ? outputs : outputs.reverse()));
  }
  return [...items, { role: 'user', content: 'Go on.' }];
}

function callBy(id: string, chance: Chance): JsonRecord {
  if (chance() < 0.7) return { type: 'function_call', call_id: id, name: 'f', arguments: '{"a":1}' };
  return { type: 'custom_tool_call', call_id: id, name: 'g', input: 'plain' };
}

function bodyBy(chance: Chance): JsonRecord {
  const fields = Object.entries(FIELDS).filter(() => chance() < 0.4);
  const input = chance() < 0.1 ? 'Hello' : inputBy(chance);
  return { model: 'm', input, ...Object.fromEntries(fields.map(([name, values]) => [name, pick(values, chance)])) };
}

/** What the dialects say of a message, in whatever form: words joined, calls, media by their types. */
function outlineOf(message: ModelMessage) {
  const parts = partsIn(message);
  return {
    role: message.role,
    words: wordsOf(message.content),
    media: parts.map(({ type }) => type).filter((type) => ['image', 'file', 'audio'].includes(type)),
    calls: message.role === 'assistant' ? callsIn(message).map(toCallOutline) : [],
    ...(message.role === 'tool' ? { callId: message.callId } : {}),
  };
}

function toCallOutline({ id, name, arguments: args, isCustom }: ReturnType<typeof callsIn>[number]) {
  return { id, name, args, isCustom };
}

function outlineOfAll({ messages }: ModelRequest) {
  return messages.map(outlineOf);
}

/** Without what differs by its form alone. */
function asked({ tools, toolChoice, outputFormat, origin: _, messages: __, ...fields }: ModelRequest) {
  const bare = (value: unknown) => JSON.stringify(value, (name, inner) => (name === 'source' ? undefined : inner));
  return { ...fields, tools: bare(tools), toolChoice: bare(toolChoice), outputFormat: bare(outputFormat) };
}

describe('whatever a response is asked', () => {
  it('is said again in its own words by the dialect alone', () => {
    const chance = createChance(20);
    for (let round = 0; round < 100; round++) {
      const { instructions, ...body } = bodyBy(chance);
      const request = read({ ...body, ...(instructions ? { instructions } : {}) });
      const { body: said, dropped } = toResponsesRequest(request, FACTS);
      expect(dropped).toEqual([]);
      const again = read({ ...said, model: 'm' });
      expect(outlineOfAll(again)).toEqual(outlineOfAll(request));
      expect(asked(again)).toEqual(asked(request));
    }
  });

  it('is said in the words of a chat with the same texts, calls and outputs, in their order', () => {
    const chance = createChance(21);
    for (let round = 0; round < 100; round++) {
      const { tool_choice: _, ...asked } = bodyBy(chance);
      const request = read(asked);
      const { body } = toChatRequest(request, FACTS, { foreign: ALL });
      const { messages } = requestOf({ model: 'm', messages: body['messages'] });
      expect(messages.map(outlineOf)).toEqual(outlineOfAll(request));
      expect(messages.every(isAnswered)).toBe(true);
    }
  });

  it('says the same from a store, in any two parts', () => {
    const chance = createChance(22);
    for (let round = 0; round < 100; round++) {
      const input = inputBy(chance);
      const kept = atOnce(toInputItems(input, (type) => `${type}_x`));
      const at = Math.floor(chance() * kept.length);
      const split = read({ model: 'm', input: kept.slice(at) }, kept.slice(0, at));
      expect(outlineOfAll(split)).toEqual(outlineOfAll(read({ model: 'm', input })));
    }
  });

  function isAnswered(message: ModelMessage, at: number, messages: readonly ModelMessage[]): boolean {
    if (message.role !== 'assistant') return true;
    const calls = callsIn(message);
    const results = messages.slice(at + 1, at + 1 + calls.length);
    const ids = new Set(results.map((result) => (result.role === 'tool' ? result.callId : '')));
    return calls.every(({ id }) => ids.has(id));
  }
});

const requests = (loadRecordings() ?? []).filter(({ api, request }) => api === 'responses' && request !== null);

it.skipIf(requests.length === 0)('recorded requests are read, with every item', () => {
  for (const { request } of requests) {
    const { messages, tools, model } = read(request);
    expect(model).toBe(request?.['model']);
    expect(messages.length).toBeGreaterThan(0);
    expect(tools).toHaveLength((request?.['tools'] as unknown[] | undefined)?.length ?? 0);
  }
});
