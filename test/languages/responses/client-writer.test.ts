import { describe, expect, it } from 'vitest';
import type { ResponsesWriterOptions } from '../../../src/languages/responses/client-writer-options.ts';
import {
  type Annotation,
  batchOf,
  type ChunkDelta,
  choiceDelta,
  type Delta,
  type FinishReason,
  type ToolCallDelta,
  toUsage,
} from '../../../src/protocol/delta.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { checkResponsesStream, eventsIn, streamOf } from '../../support/responses.ts';
import { createTestWriter, ECHO } from '../../support/responses-writer.ts';

const USAGE: Delta = { type: 'usage', usage: toUsage({ prompt: 5, completion: 7, cached: 2, reasoning: 3 }) };

function end(finish: FinishReason = 'stop'): Delta {
  return choiceDelta(0, {}, finish);
}

function call(index: number, id: string, name: string, args = '', signature?: string): ChunkDelta {
  const extra = signature ? { extra_content: { google: { thought_signature: signature } } } : {};
  const first: ToolCallDelta = { index, id, type: 'function', function: { name, arguments: args }, ...extra };
  return { tool_calls: [first] };
}

function more(index: number, args: string): ChunkDelta {
  return { tool_calls: [{ index, function: { arguments: args } }] };
}

function cite(start: number, endIndex: number, url = 'https://a.example/x', title = 'A'): Annotation {
  return { type: 'url_citation', url_citation: { start_index: start, end_index: endIndex, url, title } };
}

/** Each delta in a batch of its own, ended, checked. */
function write(deltas: readonly (ChunkDelta | Delta)[], changes?: Partial<ResponsesWriterOptions>) {
  const all = deltas.map((delta) => ('type' in delta ? delta : choiceDelta(0, delta)));
  const checked = checkResponsesStream(streamOf([...all.map((delta) => [delta])], changes));
  const writer = createTestWriter({ ...changes, isStream: false });
  for (const delta of all) expect(writer.push(batchOf([delta]))).toBe('');
  expect(writer.result()).toEqual(checked.response);
  expect(writer.end()).toBe('');
  return { ...checked, output: recordsOf(checked.response['output']) };
}

/** Types without their prefix, deltas joined. */
function typesOf(events: readonly JsonRecord[]): string[] {
  const types = events.map(({ type }) => String(type).replace('response.', ''));
  return types.filter((type, at) => !(type.endsWith('.delta') && types[at - 1] === type));
}

describe('the order of events', () => {
  it('of a text', () => {
    const { events, output, response } = write([{ content: 'Hel' }, { content: 'lo' }, USAGE, end()]);
    expect(typesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(output).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }],
      },
    ]);
    expect(response).toMatchObject({ status: 'completed', completed_at: 1_760_000_007, error: null });
    expect(response['usage']).toEqual({
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 12,
    });
  });

  it('of thoughts, a text and parallel calls whose pieces are mixed', () => {
    const deltas = [
      { reasoning_content: 'Hm' },
      { content: 'I look.' },
      call(0, 'call_a', 'f', '{"a'),
      call(1, 'call_b', 'g'),
      more(0, '":1}'),
      more(1, '{}'),
      end('tool_calls'),
    ];
    const { events, output } = write(deltas);
    expect(typesOf(events).slice(2, -1)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_item.added',
      'function_call_arguments.delta',
      'output_item.added',
      'function_call_arguments.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'function_call_arguments.done',
      'output_item.done',
      'function_call_arguments.done',
      'output_item.done',
    ]);
    expect(output.slice(2)).toMatchObject([
      { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{"a":1}', status: 'completed' },
      { type: 'function_call', call_id: 'call_b', name: 'g', arguments: '{}', status: 'completed' },
    ]);
    expect(events.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({ name: 'f' });
  });

  it('opens a queued answer twice, and gives a sign of life a number, once a minute', () => {
    let now = 1_760_000_000_000;
    const writer = createTestWriter({ now: () => now });
    const queued = writer.open('queued');
    expect(writer.heartbeat()).toBe(': keepalive\n\n');
    now += 60_000;
    const alive = writer.heartbeat();
    expect(writer.heartbeat()).toBe(': keepalive\n\n');
    const opened = queued + alive + writer.open('queued') + writer.open('in_progress');
    const events = eventsIn(opened + writer.push(batchOf([choiceDelta(0, { content: 'a' }, 'stop')])) + writer.end());
    expect(typesOf(events).slice(0, 5)).toEqual(['created', 'queued', 'keepalive', 'in_progress', 'output_item.added']);
    expect(events.slice(0, 4).map(({ response }) => recordOf(response)['status'])).toEqual([
      'queued',
      'queued',
      undefined,
      'in_progress',
    ]);
    expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
  });

  it('opens a new message for words after a call, and takes the first choice alone', () => {
    const deltas = [
      { content: 'a' },
      call(0, 'c', 'f', '{}'),
      { content: 'b' },
      choiceDelta(1, { content: 'x' }),
      end(),
    ];
    const { output } = write(deltas);
    expect(output.map(({ type }) => type)).toEqual(['message', 'function_call', 'message']);
    expect(JSON.stringify(output)).not.toContain('"x"');
  });

  it('waits with what comes after a call that is not whole', () => {
    const { output } = write([call(0, 'c', 'f', '{"a"'), { content: 'b' }, more(0, ':1}'), end()]);
    expect(output).toMatchObject([{ arguments: '{"a":1}' }, { type: 'message' }]);
  });

  it('parts a refusal from a text', () => {
    const { output } = write([{ content: 'Well. ' }, { refusal: 'No' }, { refusal: '.' }, end()]);
    expect(output[0]?.['content']).toMatchObject([
      { type: 'output_text', text: 'Well. ' },
      { type: 'refusal', refusal: 'No.' },
    ]);
  });

  it('pads deltas where obfuscation was asked for', () => {
    const { events } = write([{ content: ' need' }, end()], { showsObfuscation: true });
    const delta = events.find(({ type }) => type === 'response.output_text.delta');
    expect(String(delta?.['obfuscation'])).toHaveLength(11);
  });
});

describe('the end of an answer', () => {
  it('by its token limit leaves its last item incomplete', () => {
    const { events, output, response } = write([{ content: 'a' }, call(0, 'c', 'f', '{"a"'), end('length')]);
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response['completed_at']).toBeNull();
    expect(output).toMatchObject([{ status: 'completed' }, { status: 'incomplete', arguments: '{"a"' }]);
    expect(events.at(-1)?.['type']).toBe('response.incomplete');
  });

  it('by a filter says so', () => {
    const { response } = write([{ content: 'a' }, end('content_filter')]);
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } });
  });

  it('without a finish reason has failed', () => {
    const { events, response } = write([{ content: 'a' }]);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['error', 'response.failed']);
    expect(response).toMatchObject({ status: 'failed', error: { code: 'server_error' }, usage: null });
  });

  it('by an error is told twice, nested and flat, and keeps what was said', () => {
    const writer = createTestWriter();
    const said = writer.push(batchOf([choiceDelta(0, { content: 'a', ...call(0, 'c', 'f', '{"a"') })]));
    const error = new GatewayError('rate_limit_exceeded', 'Slow down.', { retryAfterMs: 1500 });
    const kept = writer.failedResult(error);
    const { events, response } = checkResponsesStream(said + writer.fail(error));
    expect(kept).toEqual(response);
    const message = 'Slow down. Please try again in 1.5s.';
    const fields = { code: 'rate_limit_exceeded', message, param: null };
    expect(events.at(-2)).toMatchObject({ type: 'error', ...fields, error: { type: 'rate_limit_error', ...fields } });
    expect(response).toMatchObject({
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message },
      output: [{ status: 'incomplete' }, { status: 'incomplete' }],
    });
    expect(typesOf(events)).not.toContain('output_item.done');
  });

  it('before anything was said is a whole stream, too', () => {
    const { events } = checkResponsesStream(createTestWriter().fail(new GatewayError('upstream_timeout', 'Too slow.')));
    expect(typesOf(events)).toEqual(['created', 'in_progress', 'error', 'failed']);
  });

  it('by its client is cancelled', () => {
    const writer = createTestWriter();
    const said = writer.push(batchOf([choiceDelta(0, { content: 'a' })]));
    const { events, response } = checkResponsesStream(
      said + writer.fail(new GatewayError('request_cancelled', 'Ended.')),
    );
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'request_cancelled' },
      { type: 'response.incomplete' },
    ]);
    expect(response).toMatchObject({ status: 'cancelled', error: null, incomplete_details: { reason: 'cancelled' } });
  });

  it('can be asked for before it is told, and says when it was not kept', () => {
    const writer = createTestWriter();
    let text = writer.push(batchOf([choiceDelta(0, { content: 'a' }, 'stop')]));
    expect(writer.snapshot()).toMatchObject({
      status: 'in_progress',
      usage: null,
      output: [{ status: 'in_progress' }],
    });
    const kept = writer.result();
    writer.notKept();
    text += writer.end();
    expect(checkResponsesStream(text).response).toEqual({ ...kept, store: false });
  });
});

describe('the response', () => {
  it('has all 31 keys, and the model that answered', () => {
    const writer = createTestWriter({ isStream: false });
    expect(writer.open('in_progress')).toBe('');
    writer.answeredBy('real-model', 'acme', 'summary');
    writer.push(batchOf([{ type: 'answer', fields: { service_tier: 'flex' } }, choiceDelta(0, {}, 'stop')]));
    expect(writer.result()).toEqual({
      ...ECHO,
      conversation: undefined,
      id: 'resp_test',
      object: 'response',
      created_at: 1_760_000_000,
      completed_at: 1_760_000_007,
      status: 'completed',
      incomplete_details: null,
      error: null,
      model: 'real-model',
      output: [],
      service_tier: 'flex',
      usage: expect.objectContaining({ total_tokens: 0 }),
    });
    expect(Object.keys(writer.result())).toHaveLength(31);
  });

  it('says `auto` of its tier until it is done', () => {
    const { events, response } = write([end()], { echo: { ...ECHO, service_tier: 'auto' } });
    expect(recordOf(events[0]?.['response'])['service_tier']).toBe('auto');
    expect(response['service_tier']).toBe('default');
  });

  it('names its conversation', () => {
    const { response } = write([end()], { echo: { ...ECHO, conversation: { id: 'conv_1' } } });
    expect(response['conversation']).toEqual({ id: 'conv_1' });
  });
});

describe('citations and log probabilities', () => {
  it('go into the text, flat, with the name of the host for a title', () => {
    const annotations = [cite(0, 2), cite(1, 2, 'https://b.example/y', ''), cite(0, 0, 'no address', '')];
    const { output } = write([{ content: 'ab' }, { annotations }, end()]);
    expect(recordsOf(output[0]?.['content'])[0]?.['annotations']).toEqual([
      { type: 'url_citation', start_index: 0, end_index: 2, url: 'https://a.example/x', title: 'A' },
      { type: 'url_citation', start_index: 1, end_index: 2, url: 'https://b.example/y', title: 'b.example' },
      { type: 'url_citation', start_index: 0, end_index: 0, url: 'no address', title: 'no address' },
    ]);
  });

  it('count from the start of their message; one of an earlier message keeps no range', () => {
    const deltas = [
      { content: 'abc' },
      call(0, 'c', 'f', '{}'),
      { content: 'def' },
      { annotations: [cite(4, 5), cite(1, 2)] },
    ];
    const { output } = write([...deltas, end()]);
    expect(recordsOf(output[2]?.['content'])[0]?.['annotations']).toMatchObject([
      { start_index: 1, end_index: 2 },
      { start_index: 0, end_index: 0 },
    ]);
  });

  it('come late, or before the first word', () => {
    const late = write([{ content: 'abc' }, call(0, 'c', 'f', '{}', 'sig'), { annotations: [cite(0, 1)] }, end()]);
    expect(recordsOf(late.output[0]?.['content'])[0]?.['annotations']).toHaveLength(1);
    const early = write([{ annotations: [cite(0, 1)] }, { content: 'abc' }, end()]);
    expect(recordsOf(early.output[0]?.['content'])[0]?.['annotations']).toHaveLength(1);
  });

  it('tell of a search where the client has the tool, with its sources where it asks for them', () => {
    const deltas = [{ content: 'ab' }, { annotations: [cite(0, 2)] }, end()];
    const echo = { ...ECHO, tools: [{ type: 'web_search' }] };
    expect(write(deltas).output).toHaveLength(1);
    expect(write(deltas, { echo }).output[1]).toMatchObject({ type: 'web_search_call', action: { type: 'search' } });
    const { events, output } = write(deltas, { echo, includes: new Set(['web_search_call.action.sources']) });
    expect(output[1]?.['action']).toMatchObject({ sources: [{ type: 'url', url: 'https://a.example/x' }] });
    expect(typesOf(events).slice(-6)).toEqual([
      'output_item.added',
      'web_search_call.in_progress',
      'web_search_call.searching',
      'web_search_call.completed',
      'output_item.done',
      'completed',
    ]);
  });

  it('tell of a search first where the provider does', () => {
    const fields: Delta = { type: 'answer', fields: { search_results: [{ url: 'https://a.example' }] } };
    const { output } = write([fields, { content: 'a' }, end()], { echo: { ...ECHO, tools: [{ type: 'web_search' }] } });
    expect(output.map(({ type }) => type)).toEqual(['web_search_call', 'message']);
  });

  it('have the UTF-8 bytes of tokens', () => {
    const token = { token: 'ü', logprob: -0.5, bytes: null };
    const logprobs = { content: [{ ...token, top_logprobs: [token] }], refusal: null };
    const { output } = write([
      { ...choiceDelta(0, { content: 'ü' }), logprobs },
      { ...choiceDelta(0, {}), logprobs },
      end(),
    ]);
    const expected = { token: 'ü', logprob: -0.5, bytes: [195, 188] };
    const entry = { ...expected, top_logprobs: [expected] };
    expect(recordsOf(output[0]?.['content'])[0]?.['logprobs']).toEqual([entry, entry]);
  });
});

describe('thoughts', () => {
  it('of an open model are told raw', () => {
    const writer = createTestWriter();
    writer.open('in_progress');
    writer.answeredBy('m', 'acme', 'raw');
    writer.push(batchOf([choiceDelta(0, { reasoning_content: 'Hm' }), choiceDelta(0, { content: 'a' }, 'stop')]));
    expect(writer.result()['output']).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] },
      { type: 'message' },
    ]);
  });

  it('keep a signature of Gemini right before its call', () => {
    const deltas = [
      { reasoning_content: 'Hm' },
      call(0, 'c0', 'f', '{}', 'sig0'),
      call(1, 'c1', 'f', '{}'),
      { content: 'And' },
      call(2, 'c2', 'f', '{}', 'sig2'),
      end('tool_calls'),
    ];
    const { output } = write(deltas);
    expect(output.map(({ type }) => type)).toEqual([
      'reasoning',
      'function_call',
      'function_call',
      'message',
      'reasoning',
      'function_call',
    ]);
    const sealed = output.map((item) => item['encrypted_content']).filter((text) => typeof text === 'string');
    const envelope = { provider: 'google', kind: 'thought-signature', answeredBy: 'acme' };
    expect(sealed.map((text) => JSON.parse(text.slice(4)))).toEqual([
      { ...envelope, data: 'sig0', callId: 'c0' },
      { ...envelope, data: 'sig2', callId: 'c2' },
    ]);
    expect(output[4]).toMatchObject({ summary: [] });
  });

  it('keep the signature of a text beside it, unseen, and that of a call with the call, too', () => {
    const writer = createTestWriter();
    const extra_content = { google: { thought_signature: 'of-text' } };
    const late = { tool_calls: [{ index: 0, extra_content: { google: { thought_signature: 'late' } } }] };
    for (const delta of [{ content: 'a' }, { content: '', extra_content }, call(0, 'c', 'f', '{}'), late]) {
      writer.push(batchOf([choiceDelta(0, delta)]));
    }
    writer.push(batchOf([end()]));
    expect(JSON.stringify(writer.result())).not.toContain('of-text');
    expect(writer.storedItems().map(({ item, providerState }) => [item['type'], providerState?.data])).toEqual([
      ['message', 'of-text'],
      ['function_call', 'late'],
    ]);
  });

  it('of OpenRouter are sealed detail by detail, each whole', () => {
    const summary = { type: 'reasoning.summary', index: 0, format: 'openai-responses-v1' };
    const encrypted = { type: 'reasoning.encrypted', data: 'blob', index: 0, format: 'openai-responses-v1' };
    const deltas = [
      { reasoning_content: 'Hm', reasoning_details: [{ ...summary, summary: 'Hm' }] },
      { reasoning_details: [{ ...summary, summary: ', so' }] },
      { reasoning_details: [encrypted] },
      { content: 'a' },
      end(),
    ];
    const { output } = write(deltas);
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Hm, so' }] },
      { type: 'reasoning', summary: [] },
      { type: 'message' },
    ]);
    const sealed = output.slice(0, 2).map((item) => JSON.parse(String(item['encrypted_content']).slice(4)));
    expect(sealed.map(({ data }) => data)).toEqual([{ ...summary, summary: 'Hm, so' }, encrypted]);
  });

  it('of OpenRouter that are cut stay open to the end', () => {
    const detail = { type: 'reasoning.text', index: 0, text: 'Hm' };
    const { output } = write([{ reasoning_details: [detail] }, end('length')]);
    expect(output).toMatchObject([{ status: 'incomplete', content: [{ text: 'Hm' }] }]);
    expect(output[0]?.['encrypted_content']).toEqual(expect.any(String));
  });

  it('that cannot be read part no words', () => {
    const encrypted = { type: 'reasoning.encrypted', data: 'blob' };
    const { output } = write([{ content: 'a' }, { reasoning_details: [encrypted] }, { content: 'b' }, end()]);
    expect(output).toMatchObject([{ content: [{ text: 'ab' }] }, { type: 'reasoning' }]);
  });
});

describe('calls', () => {
  const tools = new Map([
    ['apply_patch', { kind: 'custom', name: 'apply_patch', namespace: null }],
    ['mail__send', { kind: 'function', name: 'send', namespace: 'mail' }],
    ['tool_search', { kind: 'tool_search', name: 'tool_search', namespace: null }],
  ] as const);
  const toolNames: ResponsesWriterOptions['toolNames'] = {
    clientNameOf: (name) => tools.get(name as 'apply_patch') ?? { kind: 'function', name, namespace: null },
  };

  it('have the names that the client gave', () => {
    const { output } = write([call(0, 'c', 'mail__send', '{}'), end()], { toolNames });
    expect(output[0]).toMatchObject({ name: 'send', namespace: 'mail' });
  });

  it('of an emulated custom tool have its text', () => {
    const pieces = ['{"inp', 'ut": "a\\', 'n\\ud83d', '\\ude00 \\', '"b', '"}'];
    const deltas = [call(0, 'c', 'apply_patch'), ...pieces.map((piece) => more(0, piece)), end('tool_calls')];
    const { events, output } = write(deltas, { toolNames });
    expect(output[0]).toMatchObject({ type: 'custom_tool_call', name: 'apply_patch', input: 'a\n😀 "b' });
    const told = events.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
    expect(told.map(({ delta }) => delta)).toEqual(['a', '\n', '😀 ', '"b']);
  });

  it('of a native custom tool have it as it came', () => {
    const first: ChunkDelta = {
      tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'x', input: '"a' } }],
    };
    const { output } = write([first, { tool_calls: [{ index: 0, custom: { input: '"' } }] }, end()]);
    expect(output[0]).toMatchObject({ type: 'custom_tool_call', name: 'x', input: '"a"' });
  });

  it('of a custom tool that were cut are not told to be done', () => {
    const { events, output } = write([call(0, 'c', 'apply_patch', '{"input":"a'), end('length')], { toolNames });
    expect(output[0]).toMatchObject({ status: 'incomplete', input: 'a' });
    expect(typesOf(events)).not.toContain('output_item.done');
  });

  it('of a search for tools have an object', () => {
    const { output } = write([call(0, 'c', 'tool_search', '{"query":"x"}'), end()], { toolNames });
    expect(output[0]).toMatchObject({ type: 'tool_search_call', execution: 'client', arguments: { query: 'x' } });
  });

  it('have ids that are short, and no two alike', () => {
    const { output } = write([call(0, 'c', 'f'), call(1, 'c', 'f'), call(2, 'x'.repeat(65), 'f'), end()]);
    expect(output.map((item) => item['call_id'])).toEqual([
      'c',
      expect.stringMatching(/^call_/),
      expect.stringMatching(/^call_/),
    ]);
    expect(output.map((item) => item['arguments'])).toEqual(['{}', '{}', '{}']);
  });
});

describe('images', () => {
  it('are items of their own; one that is elsewhere is left out', () => {
    const images = ['data:image/jpeg;base64,AAAA', 'https://a.example/b.png'].map((url) => ({ image_url: { url } }));
    const { events, output } = write([{ content: 'a' }, { images }, end()]);
    expect(output[1]).toMatchObject({ type: 'image_generation_call', result: 'AAAA', output_format: 'jpeg' });
    expect(output).toHaveLength(2);
    expect(typesOf(events)).toContain('image_generation_call.generating');
  });
});
