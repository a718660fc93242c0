import { describe, expect, it } from 'vitest';
import { checkStream } from './stream-rules.ts';

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };

function chunk(delta: object, finish: string | null = null, rest: object = {}): string {
  return frame({ ...HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...rest });
}

function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function call(piece: object): string {
  return chunk({ tool_calls: [piece] });
}

const FIRST = chunk({ role: 'assistant', content: 'Hi' });
const LAST = chunk({}, 'stop');
const DONE = 'data: [DONE]\n\n';
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const OPEN_CALL = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{' } };
const ERROR = { error: { message: 'x', type: 'server_error', param: null, code: null } };

describe('checkStream (SSE chunks)', () => {
  it('folds a good stream', () => {
    const answer = checkStream(`: keepalive\n\n${FIRST}${LAST}${DONE}`);
    expect(answer).toMatchObject({ id: 'chatcmpl-1', model: 'm', comments: 1, usage: null, error: null });
    expect(answer.choices).toMatchObject([{ text: 'Hi', finish: 'stop' }]);
  });

  it('folds a failed stream', () => {
    expect(checkStream(FIRST + frame(ERROR), { isFailed: true }).error).toEqual(ERROR.error);
  });

  it('requires usage on every chunk with stream_options.include_usage', () => {
    const withNull = (delta: object, finish: string | null = null) => chunk(delta, finish, { usage: null });
    const usage = frame({ ...HEAD, choices: [], usage: USAGE });
    const text = withNull({ role: 'assistant', content: 'Hi' }) + withNull({}, 'stop') + usage + DONE;
    expect(checkStream(text, { includeUsage: true }).usage).toEqual(USAGE);
    expect(() => checkStream(text)).toThrow('exactly when it was asked for');
    expect(() => checkStream(FIRST + LAST + DONE, { includeUsage: true })).toThrow('exactly when it was asked for');
  });

  const BROKEN: readonly (readonly [string, string, string])[] = [
    ['CRLF', `${FIRST}${LAST}data: [DONE]\r\n\r\n`, 'LF alone'],
    ['two lines of data', `data: {}\ndata: {}\n\n${DONE}`, 'one line of data'],
    ['no [DONE]', FIRST + LAST, 'the last event is [DONE]'],
    ['an unexpected error', FIRST + frame(ERROR), 'the last event is [DONE]'],
    ['[DONE] twice', FIRST + LAST + DONE + DONE, 'Not a JSON object'],
    ['no choice', DONE, 'has a choice'],
    ['a second role', FIRST + FIRST + LAST + DONE, 'the role comes once'],
    ['no role', chunk({ content: 'Hi' }) + LAST + DONE, 'the role comes once'],
    ['no finish reason', FIRST + DONE, 'every choice has a finish reason'],
    ['a second finish reason', FIRST + LAST + LAST + DONE, 'after its finish reason'],
    ['content after the finish', FIRST + LAST + chunk({ content: 'x' }) + DONE, 'after its finish reason'],
    ['an empty delta', FIRST + chunk({ content: '' }) + LAST + DONE, 'no delta is empty'],
    ['another id', FIRST + chunk({}, 'stop', { id: 'other' }) + DONE, 'stay the same'],
    ['a call that starts at 1', FIRST + call({ ...OPEN_CALL, index: 1 }) + LAST + DONE, 'count their index from 0'],
    ['a call without a name', FIRST + call({ index: 0, id: 'c', type: 'function' }) + LAST + DONE, 'opens with id'],
    ['a repeated name', FIRST + call(OPEN_CALL) + call(OPEN_CALL) + LAST + DONE, 'come once per call'],
    ['arguments that are no JSON', FIRST + call(OPEN_CALL) + LAST + DONE, 'joined arguments'],
  ];

  it.each(BROKEN)('finds %s', (_, text, message) => {
    expect(() => checkStream(text)).toThrow(message);
  });
});
