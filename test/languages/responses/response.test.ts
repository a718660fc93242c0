import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/languages/dialect.ts';
import { createResponsesDialect } from '../../../src/languages/responses/responses.ts';
import { toResponsesRequest } from '../../../src/languages/responses/upstream-request.ts';
import type { FailureKind } from '../../../src/protocol/failure-kinds.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { type Replayed, replayStream, replayWhole } from '../../support/replay.ts';
import { checkStream } from '../../support/stream-rules.ts';

const FOLDER = new URL('../../fixtures/responses/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => !file.startsWith('perplexity'))
  .map((file) => file.slice(0, -'.sse'.length));

function openai(): Dialect {
  const variant = { path: '/responses', toBody: toResponsesRequest, hasOwnFunctions: false };
  return createResponsesDialect(variant, () => 'call_new');
}

function replay(name: string, pieceBytes?: number): Replayed {
  return replayStream(openai(), readFileSync(new URL(`${name}.sse`, FOLDER)), pieceBytes);
}

/** The emitted stream, checked, and the message of its folded twin. */
function read(name: string) {
  const replayed = replay(name);
  expect(replayed.failure).toBeNull();
  const { choices, usage } = checkStream(replayed.text ?? '', { includeUsage: true });
  const [choice] = choices;
  if (choice === undefined) throw new Error(`${name} has no choice.`);
  const message = recordOf(recordsOf(replayed.completion['choices'])[0]?.['message']);
  return { ...choice, usage, message, completion: replayed.completion };
}

function callsOf(name: string) {
  return read(name).toolCalls.map((call) => [call.id, call.name, call.arguments]);
}

function readWhole(body: JsonRecord): Replayed {
  return replayWhole(openai(), Buffer.from(JSON.stringify({ object: 'response', ...body })));
}

function textItem(text: string): JsonRecord {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] };
}

describe('a Responses stream', () => {
  it.each(NAMES)('%s reads the same however it is cut', (name) => {
    const whole = replay(name);
    for (const pieceBytes of [1, 2, 3, 7, 64]) expect(replay(name, pieceBytes)).toEqual(whole);
  });

  it.each(['text', 'text-only-at-end', 'text-only-in-item', 'text-only-in-done', 'done-at-end', 'unknown-types'])(
    '%s has the text once, wherever it was',
    (name) => {
      expect(read(name).text).toBe('Hello there.');
    },
  );

  it('keeps what was sent when the end has another text', () => {
    expect(read('text-differs-at-end').text).toBe('Hello there.');
  });

  it('takes a whole response as one SSE event for the answer', () => {
    expect(read('whole-response-as-event')).toMatchObject({ text: 'Hello there.', finish: 'stop' });
  });

  it('has refusals as refusals', () => {
    expect(read('refusal')).toMatchObject({ refusal: 'I cannot.', text: '', finish: 'stop' });
  });

  it('has summaries and raw thoughts as reasoning', () => {
    expect(read('reasoning-and-calls').reasoning).toBe('First. Then.');
    expect(read('reasoning-text')).toMatchObject({ reasoning: 'Hmm.', text: 'Yes' });
  });

  it('numbers tool calls by appearance, with arguments from pieces, from the whole, or none', () => {
    expect(callsOf('reasoning-and-calls')).toEqual([
      ['call_a', 'add', '{"x":1}'],
      ['call_b', 'sub', '{"y":2}'],
      ['call_c', 'now', '{}'],
    ]);
    expect(read('reasoning-and-calls').finish).toBe('tool_calls');
  });

  it('follows tool calls whose item ids change from event to event', () => {
    expect(callsOf('calls-under-new-ids')).toEqual([
      ['call_a', 'add', '{"x":1}'],
      ['call_b', 'sub', '{"y":2}'],
    ]);
  });

  it('has calls of custom tools as such, in chunks as tool calls of a function with one argument', () => {
    const call = { id: 'call_q', type: 'custom', custom: { name: 'sql', input: 'SELECT "a"' } };
    expect(read('custom-call').message['tool_calls']).toEqual([call]);
    expect(callsOf('custom-call')).toEqual([['call_q', 'sql', '{"input":"SELECT \\"a\\""}']]);
    expect(read('custom-call').finish).toBe('tool_calls');
  });

  it('has a generated image once, also where it is all that the answer has', () => {
    const image = { type: 'image_generation_call', id: 'ig_1', output_format: 'webp', result: 'UklGRg==' };
    const output = [image, textItem('')];
    const images = [{ type: 'image_url', image_url: { url: 'data:image/webp;base64,UklGRg==' } }];
    const whole = readWhole({ status: 'completed', output });
    expect(whole.failure).toBeNull();
    expect(recordsOf(whole.completion['choices'])[0]).toMatchObject({ message: { images } });
    const events = [
      { type: 'response.output_item.done', output_index: 0, item: image },
      { type: 'response.completed', response: { status: 'completed', output } },
    ];
    const sse = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    const { completion } = replayStream(openai(), sse);
    expect(recordOf(recordsOf(completion['choices'])[0]?.['message'])['images']).toEqual(images);
  });

  it('refuses an answer that only asks the client for what a chat has no form for', () => {
    const asked = { type: 'computer_call', call_id: 'call_1', action: { type: 'screenshot' } };
    const thought = { type: 'reasoning', summary: [] };
    const usage = { input_tokens: 5, output_tokens: 9 };
    const alone = readWhole({ status: 'completed', output: [thought, asked], usage });
    expect(alone.failure).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('computer_call') });
    const { failure } = readWhole({ status: 'completed', output: [textItem('Look.'), asked], usage });
    expect(failure).toBeNull();
  });

  it('keeps the thought signature that Perplexity passes on from Gemini', () => {
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_a', name: 'add', arguments: '{}' };
    const { completion } = readWhole({ status: 'completed', output: [{ ...call, thought_signature: 'c2ln' }] });
    expect(recordsOf(completion['choices'])[0]).toMatchObject({
      message: { tool_calls: [{ id: 'call_a', extra_content: { google: { thought_signature: 'c2ln' } } }] },
    });
  });

  it('has each of the logprobs once, with its piece or at the end', () => {
    const { text, completion } = replay('log-probabilities');
    const content = [
      { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] },
      { token: '!', logprob: -0.1, bytes: [33], top_logprobs: [{ token: '.', logprob: -3, bytes: [46] }] },
    ];
    expect(recordsOf(completion['choices'])[0]).toMatchObject({ logprobs: { content, refusal: null } });
    checkStream(text ?? '', { includeUsage: true });
    expect(text).toContain(
      '"delta":{"role":"assistant","content":"Hi","refusal":null},"logprobs":{"content":[{"token":"Hi"',
    );
    const item = { ...textItem('Hi!'), content: [{ type: 'output_text', text: 'Hi!', logprobs: content }] };
    const whole = readWhole({ status: 'completed', output: [item] });
    expect(recordsOf(whole.completion['choices'])[0]).toMatchObject({ logprobs: { content } });
  });

  it('has finish_reason length when the arguments of a tool call are no JSON', () => {
    expect(read('truncated-call').finish).toBe('length');
  });

  it('has each web citation once, at its place in the whole text', () => {
    const { message, text } = read('annotations');
    const cited = recordsOf(message['annotations']).map((annotation) => {
      const { url, start_index, end_index } = recordOf(annotation['url_citation']);
      return [url, text.slice(Number(start_index), Number(end_index))];
    });
    expect(cited).toEqual([
      ['https://a.example/', '(a)'],
      ['https://b.example/', '(b)'],
    ]);
  });

  it('has the reasoning summary of an incomplete answer once, also where its parts are named otherwise in every event', () => {
    const summary = [{ type: 'summary_text', text: 'First. Then.' }];
    const output = [{ type: 'reasoning', summary }];
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output };
    const events = [
      { type: 'response.reasoning_summary_text.delta', delta: 'First. ' },
      { type: 'response.reasoning_summary_text.delta', delta: 'Then.' },
      { type: 'response.reasoning_summary_part.done', output_index: 0, summary_index: 0, part: summary[0] },
      { type: 'response.output_item.done', output_index: 1, item: output[0] },
      { type: 'response.incomplete', response },
    ];
    const sse = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    const { text, failure } = replayStream(openai(), sse);
    expect(failure).toBeNull();
    expect(checkStream(text ?? '', { includeUsage: true }).choices).toMatchObject([
      { reasoning: 'First. Then.', finish: 'length' },
    ]);
  });

  it("has a call of a custom tool where functions may be the provider's own", () => {
    const variant = { path: '/responses', toBody: toResponsesRequest, hasOwnFunctions: true };
    const dialect = createResponsesDialect(variant, () => 'call_new');
    const { completion } = replayStream(dialect, readFileSync(new URL('custom-call.sse', FOLDER)));
    expect(recordsOf(completion['choices'])[0]).toMatchObject({
      message: { tool_calls: [{ id: 'call_q', type: 'custom' }] },
      finish_reason: 'tool_calls',
    });
  });

  it('maps incomplete_details to finish_reason', () => {
    expect(read('incomplete')).toMatchObject({ text: 'Hel', finish: 'length' });
    expect(read('incomplete-filtered').finish).toBe('content_filter');
  });

  it('has usage and service_tier', () => {
    const { completion, usage } = read('text');
    expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 });
    expect(usage).toMatchObject({
      prompt_tokens_details: { cached_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    });
    expect(completion['service_tier']).toBe('default');
  });

  it.each<[string, FailureKind]>([
    ['error-nested', 'rate-limited'],
    ['error-flat', 'server'],
    ['failed', 'overloaded'],
    ['failed-beside-response', 'quota'],
    ['cancelled', 'server'],
    ['cut', 'interrupted'],
  ])('%s is a failure: %s', (name, kind) => {
    expect(replay(name).failure?.kind).toBe(kind);
  });

  it('takes an event that is no JSON for a broken answer', () => {
    const { failure } = replayStream(openai(), Buffer.from('data: {"type": \n\n'));
    expect(failure?.kind).toBe('interrupted');
  });
});

describe('a whole Responses answer', () => {
  it('is read as its stream is', () => {
    for (const name of NAMES) {
      const events = readFileSync(new URL(`${name}.sse`, FOLDER), 'utf8').split('\n');
      const last = events.findLast((line) => line.includes('"response.completed"') && line.startsWith('data:'));
      const response = recordOf(recordOf(JSON.parse(last?.slice(5) ?? '{}'))['response']);
      const isComplete = recordsOf(response['output']).length > 0 && name !== 'text-differs-at-end';
      if (isComplete) expect(readWhole(response).completion, name).toEqual(replay(name).completion);
    }
  });

  it('joins the texts of several messages', () => {
    const { completion } = readWhole({ output: [textItem('Let me see. '), textItem('Done.')], status: 'completed' });
    expect(recordsOf(completion['choices'])[0]).toMatchObject({ message: { content: 'Let me see. Done.' } });
  });

  it.each<[JsonRecord, FailureKind]>([
    [{ status: 'queued', output: [] }, 'server'],
    [{ status: 'in_progress', output: [] }, 'server'],
    [{ status: 'cancelled', output: [] }, 'server'],
    [{ status: 'failed', output: [], error: null }, 'server'],
    [{ status: 'failed', output: [], error: { code: 'bio_policy', message: 'No.' } }, 'content-policy'],
    [{ status: 'failed', output: [], error: { code: 'image_too_large', message: 'No.' } }, 'invalid-request'],
    [{ status: 'completed' }, 'server'],
    [{ error: { message: 'Slow down.', code: 429 } }, 'rate-limited'],
    [{ status: 'completed', output: [] }, 'server'],
  ])('%j is a failure: %s', (body, kind) => {
    expect(readWhole(body).failure?.kind).toBe(kind);
  });

  it('is a failure when it is no object', () => {
    expect(replayWhole(openai(), Buffer.from('[]')).failure?.kind).toBe('server');
  });
});
