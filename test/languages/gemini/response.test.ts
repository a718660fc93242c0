import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGeminiDialect } from '../../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { type Replayed, replayStream } from '../../support/replay.ts';
import { checkStream } from '../../support/stream-rules.ts';

const FOLDER = new URL('../../fixtures/gemini/', import.meta.url);
const signatures = createSignatureStore();
let ids = 0;
const dialect = createGeminiDialect({ newId: () => `call_${++ids}`, signatures });

beforeEach(() => {
  ids = 0;
});

function replay(name: string, pieceBytes?: number): Replayed {
  ids = 0;
  return replayStream(dialect, readFileSync(new URL(`${name}.sse`, FOLDER)), pieceBytes);
}

/** The emitted stream, checked against the rules of OpenAI's, and the message of its folded twin. */
function read(name: string) {
  const { failure, text, completion } = replay(name);
  expect(failure).toBeNull();
  const { usage, choices } = checkStream(text ?? '', { includeUsage: true });
  return { ...firstChoice(completion), completion, usage, choices };
}

function firstChoice(completion: JsonRecord): { message: JsonRecord; finish: unknown } {
  const choice = recordOf(recordsOf(completion['choices'])[0]);
  return { message: recordOf(choice['message']), finish: choice['finish_reason'] };
}

function quoted(message: JsonRecord): string[][] {
  return recordsOf(message['annotations']).map((annotation) => {
    const { start_index: start, end_index: end, url, title } = recordOf(annotation['url_citation']);
    return [String(message['content']).slice(Number(start), Number(end)), String(url), String(title)];
  });
}

describe('a Gemini stream', () => {
  const names = readdirSync(FOLDER).map((file) => file.slice(0, -'.sse'.length));
  it.each(names)('%s reads the same however it is cut', (name) => {
    const whole = replay(name);
    for (const pieceBytes of [1, 2, 7, 64]) expect(replay(name, pieceBytes)).toEqual(whole);
  });

  it('keeps thoughts (reasoning) out of the content', () => {
    const { message, finish } = read('thoughts-then-text');
    expect(message['content']).toBe('Two birds – 🐦🐦.');
    expect(message['reasoning_content']).toBe('**Counting**\n');
    expect(finish).toBe('stop');
  });

  it('passes the thought signature of a text to the client', () => {
    const { message } = read('thoughts-then-text');
    expect(message['extra_content']).toEqual({ google: { thought_signature: 'c2lnLXRleHQ=' } });
  });

  it('counts thoughts as completion tokens, once', () => {
    const { usage, completion } = read('thoughts-then-text');
    expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 25, total_tokens: 35 });
    expect(usage).toMatchObject({ completion_tokens_details: { reasoning_tokens: 20 } });
    expect(completion['service_tier']).toBe('default');
  });

  it('numbers tool calls over events, keeps their ids and finishes with tool_calls', () => {
    const { message, finish } = read('calls-in-consecutive-events');
    const google = { google: { thought_signature: 'c2lnLWNhbGw=' } };
    expect(message['tool_calls']).toEqual([
      {
        id: 'a1b2c3d4',
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"Oslo"}' },
        extra_content: google,
      },
      { id: 'e5f6a7b8', type: 'function', function: { name: 'weather', arguments: '{"city":"Bergen"}' } },
    ]);
    expect(message['content']).toBeNull();
    expect(finish).toBe('tool_calls');
  });

  it('remembers the thought signature of a tool call for clients that drop it', () => {
    read('calls-in-consecutive-events');
    expect(signatures.get('a1b2c3d4')).toBe('c2lnLWNhbGw=');
    expect(signatures.get('e5f6a7b8')).toBeNull();
  });

  it('makes an id and empty arguments for a tool call that has none', () => {
    const { message } = read('call-without-id-or-args');
    expect(message['tool_calls']).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } },
    ]);
  });

  it('continues after the first finishReason of code execution', () => {
    const { message, usage, finish } = read('code-execution-finishes-twice');
    expect(message['content']).toBe('Let me compute.\n\n```python\nprint(6 * 7)\n```\n\n```\n42\n```\n\nIt is 42.');
    expect(usage).toMatchObject({ prompt_tokens: 40, completion_tokens: 14 });
    expect(finish).toBe('stop');
  });

  it('has images as data URLs', () => {
    const { message } = read('image-output');
    expect(message['images']).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    ]);
  });

  it('has speech as audio with one id', () => {
    const { message } = read('speech-output');
    expect(message['audio']).toEqual({ id: 'audio_1', expires_at: 0, data: 'AAAABBBB', transcript: '' });
  });

  it('joins speech that comes in pieces of any length to one base64 text', () => {
    const { text } = replay('speech-in-odd-pieces');
    const pieces = [...(text ?? '').matchAll(/"data":"([^"]*)"/g)].map(([, piece]) => piece ?? '');
    expect([...Buffer.from(pieces.join(''), 'base64')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const piece of pieces.slice(0, -1)) expect(piece).toMatch(/^(?:[^=]{4})*$/);
    expect(read('speech-in-odd-pieces').message['audio']).toMatchObject({ data: 'AQIDBAUGBwg=' });
  });

  it('maps citation byte offsets over several parts to offsets of the content', () => {
    const { message } = read('grounding');
    expect(quoted(message)).toEqual([
      ['Café Zürich opens at 8°.', 'https://one.example/r', 'one.example'],
      ['It closes at 9.', 'https://one.example/r', 'one.example'],
      ['It closes at 9.', 'https://two.example/r', 'two.example'],
      ['', 'https://three.example/r', ''],
    ]);
  });

  it('maps citations behind code blocks and leaves out those without a URL', () => {
    expect(quoted(read('grounding-beside-code').message)).toEqual([['It is open.', 'https://doc.example/1', 'Doc']]);
  });

  it.each([
    ['prompt-blocked', 'Gemini blocked the prompt (PROHIBITED_CONTENT).'],
    ['prompt-blocked-message-only', 'Gemini blocked the prompt: The prompt is not allowed here.'],
  ])('%s is a content-policy failure', (name, message) => {
    expect(replay(name).failure).toMatchObject({ kind: 'content-policy', message });
  });

  it.each(['blocked-after-text', 'safety-after-text'])('%s ends with content_filter', (name) => {
    expect(read(name)).toMatchObject({ finish: 'content_filter', message: { content: 'It begins' } });
  });

  it('fails when a tool call was malformed and there was no content', () => {
    const { failure } = replay('malformed-call');
    expect(failure).toMatchObject({ kind: 'server', code: 'MALFORMED_FUNCTION_CALL' });
    expect(failure?.message).toContain('print(weather(');
  });

  it('stops when a tool call was malformed after content', () => {
    expect(read('malformed-call-after-text').finish).toBe('stop');
  });

  it.each([
    ['error-event', 'overloaded', null],
    ['bare-error', 'server', null],
    ['array-error', 'rate-limited', 3500],
  ])('%s is a failure of its own kind', (name, kind, retryAfterMs) => {
    expect(replay(name).failure).toMatchObject({ kind, retryAfterMs });
  });

  it('reads the JSON array of a stream without SSE events', () => {
    expect(read('array-instead-of-events').message['content']).toBe('One two.');
  });

  it('leaves an answer without a finishReason open', () => {
    expect(replay('cut-off').failure).toMatchObject({ kind: 'interrupted' });
  });

  it('keeps candidates apart, also when the first has no index', () => {
    const { completion } = read('two-candidates');
    const given = recordsOf(completion['choices']).map((choice) => [
      choice['index'],
      recordOf(choice['message'])['content'],
      choice['finish_reason'],
    ]);
    expect(given).toEqual([
      [0, 'Heads', 'stop'],
      [1, 'Tails', 'length'],
    ]);
  });

  it('ignores the built-in tools of Google as tool calls', () => {
    const { message, finish } = read('server-side-tools');
    expect(message).toEqual({ role: 'assistant', content: 'Found.', refusal: null });
    expect(finish).toBe('stop');
  });

  it('joins tool call arguments that come in pieces', () => {
    const { message } = read('arguments-in-pieces');
    const body = recordOf(recordsOf(message['tool_calls'])[0]?.['function']);
    expect(body['name']).toBe('cook');
    expect(JSON.parse(String(body['arguments']))).toEqual({ recipe: { steps: ['Boil water'] }, minutes: 9, hot: true });
    expect(signatures.get('call_1')).toBe('c2lnLWNvb2s=');
  });
});
