import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { checkResponsesStream } from '../support/responses.ts';
import { runStored } from './stored-demo.ts';

const Text = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.object({})),
  logprobs: z.array(z.object({})),
});
const Status = z.enum(['in_progress', 'completed', 'incomplete']);
const Message = z.object({
  type: z.literal('message'),
  id: z.string(),
  status: Status,
  role: z.literal('assistant'),
  content: z.array(z.union([Text, z.object({ type: z.literal('refusal'), refusal: z.string() })])),
  phase: z.enum(['commentary', 'final_answer']).optional(),
});
const FunctionCall = z.object({
  type: z.literal('function_call'),
  id: z.string(),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
  status: Status,
});
const Reasoning = z.object({
  type: z.literal('reasoning'),
  id: z.string(),
  summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(z.object({})).optional(),
  encrypted_content: z.string().optional(),
});
const Compaction = z.object({ type: z.literal('compaction'), id: z.string(), encrypted_content: z.string() });
const Usage = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
});
const Tool = z.object({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().nullable(),
  parameters: z.object({}).nullable(),
  strict: z.boolean().nullable(),
});

/** Open Responses' response resource (release 2026-04-24): every key is there, and only some may be null. */
const ResponseResource = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'incomplete']),
  incomplete_details: z.object({ reason: z.string() }).nullable(),
  model: z.string(),
  previous_response_id: z.string().nullable(),
  instructions: z.union([z.string(), z.array(z.object({}))]).nullable(),
  output: z.array(z.union([Message, FunctionCall, Reasoning, Compaction])),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  tools: z.array(Tool),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.object({})]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format: z.object({ type: z.string() }), verbosity: z.string().optional() }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: z.int(),
  temperature: z.number(),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }).nullable(),
  usage: Usage.nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.int().nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.string()),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});
const CompactResource = z.object({
  id: z.string(),
  object: z.literal('response.compaction'),
  created_at: z.int(),
  output: z.array(z.object({ type: z.string() })),
  usage: Usage,
});

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the current weather for a location',
  parameters: {
    type: 'object',
    properties: { location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' } },
    required: ['location'],
  },
};

function user(content: unknown): object {
  return { type: 'message', role: 'user', content };
}

function assistant(content: string, rest: object = {}): object {
  return { type: 'message', role: 'assistant', content, ...rest };
}

let url: string;

beforeEach(async () => {
  ({ url } = await runStored());
});

function post(path: string, body: object): Promise<Response> {
  const headers = { authorization: 'Bearer any', 'content-type': 'application/json' };
  return fetch(`${url}/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The HTTP checks of Open Responses' acceptance tests, in the form of this project. */
describe('Open Responses', () => {
  it.each<[string, object]>([
    ['basic-response', { input: [user('Say hello in exactly 3 words.')] }],
    [
      'assistant-phase',
      {
        input: [
          user('Plan it.'),
          assistant('I look first.', { phase: 'commentary' }),
          assistant('It is planned.', { phase: 'final_answer' }),
          user('Thanks. What next?'),
        ],
      },
    ],
    ['system-prompt', { input: [{ type: 'message', role: 'system', content: 'Talk like a pirate.' }, user('Hello.')] }],
    [
      'image-input',
      {
        input: [
          user([
            { type: 'input_text', text: 'What do you see?' },
            { type: 'input_image', image_url: PIXEL },
          ]),
        ],
      },
    ],
    ['multi-turn', { input: [user('My name is Alice.'), assistant('Hello Alice!'), user('What is my name?')] }],
  ])('%s', async (_name, body) => {
    const response = await post('/responses', { model: 'demo', ...body });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    const { output, status } = ResponseResource.parse(await response.json());
    expect(output).not.toEqual([]);
    expect(status).toBe('completed');
  });

  it('streaming-response', async () => {
    const response = await post('/responses', { model: 'demo', input: [user('Count from 1 to 5.')], stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const { events, response: last } = checkResponsesStream(await response.text());
    expect(ResponseResource.parse(last).status).toBe('completed');
    for (const event of events) if ('response' in event) ResponseResource.parse(event['response']);
  });

  it('tool-calling', async () => {
    const body = { model: 'demo', input: [user("What's the weather like in San Francisco?")], tools: [WEATHER] };
    const { output, tools } = ResponseResource.parse(await (await post('/responses', body)).json());
    expect(output).toMatchObject([{ type: 'function_call', name: 'get_weather', status: 'completed' }]);
    expect(tools).toEqual([{ ...WEATHER, parameters: {}, strict: null }]);
  });

  it('response-output-phase-schema', () => {
    const message = { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [] };
    expect(Message.safeParse({ ...message, phase: 'final_answer' }).success).toBe(true);
    expect(Message.safeParse({ ...message, phase: null }).success).toBe(false);
  });

  it('compact-response', async () => {
    const input = [user('My name is Alice.'), assistant('Hello Alice!'), user('I like tea.')];
    const response = await post('/responses/compact', { model: 'demo', input, prompt_cache_key: 'key' });
    expect(response.status).toBe(200);
    const compacted = recordOf(await response.json());
    CompactResource.parse(compacted);
    const items = recordsOf(compacted['output']).filter(({ type }) => type === 'compaction');
    expect(items.map((item) => Compaction.parse(item))).toHaveLength(1);
  });

  it('compact-missing-model', async () => {
    const response = await post('/responses/compact', { input: [user('Hello.')] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});
