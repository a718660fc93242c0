import { expect, it } from 'vitest';
import { createChance } from '../../../lab/chance.ts';
import { toChatRequest } from '../../../src/languages/chat/upstream-request.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import { type ModelMessage, partsIn } from '../../../src/protocol/model-message.ts';
import type { ModelRequest, RequestOrigin } from '../../../src/protocol/model-request.ts';
import { requestOf } from '../../support/asked.ts';
import { FACTS } from '../../support/replay.ts';

type Chance = () => number;

const ALL = { customTools: true, search: 'options', thoughts: true } as const;

const TEXT = { type: 'text', text: 'Look.' };
const PARTS = [
  TEXT,
  { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
  { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
  { type: 'video_url', video_url: { url: 'https://a.example/v' } },
  { type: 'file', file: { file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' } },
  { type: 'file', file: { file_id: 'file-1' } },
  { type: 'unheard_of', a: 1 },
];
const CALLS = [
  { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
  { id: 'c2', type: 'custom', custom: { name: 'g', input: 'plain' } },
];
const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'developer', content: [TEXT, TEXT] },
  { role: 'user', content: 'Hello' },
  { role: 'user', content: PARTS },
  { role: 'assistant', content: 'Hm.', reasoning_content: 'Think' },
  { role: 'assistant', content: null, tool_calls: CALLS },
  {
    role: 'assistant',
    content: 'Calling.',
    tool_calls: CALLS.slice(0, 1),
    reasoning_details: [{ type: 'x', index: 0 }],
  },
  { role: 'assistant', content: null, refusal: 'No.' },
  { role: 'tool', tool_call_id: 'c1', content: '2' },
  { role: 'tool', tool_call_id: 'c1', content: [TEXT, PARTS[1]] },
];
const FUNCTION = {
  type: 'function',
  function: { name: 'f', description: 'Adds', parameters: { type: 'object' }, strict: true },
};
const GRAMMAR = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } };
const TOOLS = [FUNCTION, { type: 'custom', custom: { name: 'g', format: GRAMMAR } }];
const NAMED = { type: 'function', function: { name: 'f' } };

/** What a chat may say, each with the values among which chance chooses. */
const FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  stream: [true],
  stream_options: [{ include_usage: true, include_obfuscation: false }],
  max_tokens: [7],
  temperature: [0, 1.5],
  top_p: [0.5],
  top_k: [3],
  presence_penalty: [-1],
  frequency_penalty: [1],
  seed: [0],
  stop: ['x', ['x', 'y']],
  n: [2],
  logprobs: [true],
  top_logprobs: [3],
  logit_bias: [{ 5: 1 }],
  tools: [TOOLS],
  tool_choice: ['none', 'required', NAMED],
  web_search_options: [{ search_context_size: 'low' }],
  response_format: [
    { type: 'json_object' },
    { type: 'json_schema', json_schema: { name: 's', schema: {}, strict: true } },
  ],
  verbosity: ['low'],
  reasoning_effort: ['low', 'none'],
  modalities: [['text', 'audio']],
  audio: [{ voice: 'alloy', format: 'mp3' }],
  service_tier: ['flex'],
  store: [true, false],
  user: ['u'],
  metadata: [{ a: 'b' }],
  prompt_cache_key: ['k'],
};

function pick<T>(from: readonly T[], chance: Chance): T {
  return from[Math.floor(chance() * from.length)] as T;
}

function chatBy(chance: Chance): JsonRecord {
  const messages = Array.from({ length: 1 + Math.floor(chance() * 4) }, () => pick(MESSAGES, chance));
  const fields = Object.entries(FIELDS).filter(() => chance() < 0.4);
  const said = Object.fromEntries(fields.map(([name, values]) => [name, pick(values, chance)]));
  const { stream_options: options, tool_choice: choice, ...rest } = said;
  return {
    model: 'm',
    messages,
    ...rest,
    ...(rest['stream'] && options ? { stream_options: options } : {}),
    ...(rest['tools'] && choice ? { tool_choice: choice } : {}),
  };
}

/** A request as if its client spoke another language: nothing of what it wrote can be used. */
function asForeign(request: ModelRequest): ModelRequest {
  const foreign = { language: 'responses', body: {} };
  const origin = Object.assign(Object.create(request.origin), foreign) as RequestOrigin;
  const tools = request.tools.map((tool) => (tool.type === 'other' ? tool : { ...tool, source: null }));
  return { ...request, origin, tools };
}

/** What of a message is said, in whatever form. */
function saidIn(message: ModelMessage) {
  const parts = partsIn(message).map(({ at: _, entry: __, source: ___, ...part }) => part);
  const { role } = message;
  return {
    role,
    ...(role === 'tool' ? { callId: message.callId } : {}),
    parts: role === 'assistant' ? joined(parts) : parts,
  };
}

/** An answer has one text in chat's words. */
function joined(parts: readonly { readonly type: string }[]) {
  const texts = parts.filter(({ type }) => type === 'text') as { text?: string }[];
  const others = parts.filter(({ type }) => type !== 'text');
  return [texts.map(({ text }) => text).join(''), ...others];
}

function saidBy({ origin: _, messages, tools, toolChoice, outputFormat, ...fields }: ModelRequest) {
  return {
    ...fields,
    messages: messages.map(saidIn),
    tools: tools.map((tool) => (tool.type === 'other' ? tool : { ...tool, source: null })),
    toolChoice: JSON.stringify(toolChoice, (name, value) => (name === 'source' ? undefined : value)),
    outputFormat: outputFormat && { ...outputFormat, source: null },
  };
}

it('whatever a chat says is said again in the words of a chat, by the dialect alone', () => {
  const chance = createChance(19);
  for (let round = 0; round < 300; round++) {
    const request = requestOf(chatBy(chance));
    const { body, dropped } = toChatRequest(asForeign(request), FACTS, { foreign: ALL });
    expect(dropped).toEqual([]);
    const again = requestOf({ ...body, model: 'm', ...withoutAsked(body, request) });
    expect(saidBy(again)).toEqual(saidBy(request));
  }
});

/** Usage is always asked for, whatever the client says. */
function withoutAsked(body: JsonRecord, { isStream, streamOptions }: ModelRequest): JsonRecord {
  return isStream ? { stream_options: streamOptions ?? undefined } : { stream_options: body['stream_options'] };
}
