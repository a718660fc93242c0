import { beforeEach, describe, expect, it } from 'vitest';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const FIRST_WORD = firstWordBytes(ANSWER);
/** Up to the end of the chunk that has the role and no word. */
const ROLE_ONLY = String(ANSWER.body).indexOf('\n\n') + 2;

const QUICK_KEEPALIVE = 'server: { drain: 0ms, keepalive: 40ms }';

let upstream: TestUpstream;
let gateway: TestGateway;

async function begin(rest: string): Promise<void> {
  upstream = await runUpstream();
  gateway = await runGateway(configFor(upstream.url, rest));
}

function stream(body: object = {}): Promise<Response> {
  return gateway.chat({ stream: true, ...body });
}

describe('a streamed answer (SSE)', () => {
  beforeEach(() => begin('server: { drain: 0ms }'));

  it('is strict chunks, with headers against proxy buffering', async () => {
    upstream.answer(ANSWER);
    const response = await stream({ stream_options: { include_usage: true } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const answer = checkStream(await response.text(), { includeUsage: true });
    expect(answer).toMatchObject({ model: 'm', choices: [{ text: 'Hello', finish: 'stop' }] });
  });

  it('is passed on word by word, when each comes', async () => {
    upstream.answer({ ...ANSWER, stallAfterBytes: FIRST_WORD });
    const reader = (await stream()).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('"content":"Hel"');
    upstream.release();
    let rest = '';
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) rest += read.value;
    expect(rest).toContain('"content":"lo"');
    expect(rest).toMatch(/data: \[DONE\]\n\n$/);
  });

  it.each([
    ['cut before its head', { destroyAfterBytes: 0 }, 502],
    ['cut after the role', { destroyAfterBytes: ROLE_ONLY }, 502],
    ['refused', { status: 429, headers: { 'retry-after': '7' }, body: '{"error":{"message":"slow"}}' }, 429],
    ['without a finish reason', { body: String(ANSWER.body).slice(0, ROLE_ONLY) }, 502],
    ['garbage', { body: 'data: {"choices":[\n\n' }, 502],
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>hello</html>' }, 502],
    ['empty', { body: '' }, 502],
  ])('that is %s before the first token has its HTTP status', async (_name, fault, status) => {
    upstream.answer({ ...ANSWER, ...fault });
    const response = await stream();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(/./) } });
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '7' : null);
  });

  it.each([
    ['cut', { destroyAfterBytes: FIRST_WORD }],
    ['ended without a finish reason', { body: String(ANSWER.body).slice(0, FIRST_WORD) }],
    ['stalled', { stallAfterBytes: FIRST_WORD }],
    ['turned to garbage', { body: `${String(ANSWER.body).slice(0, FIRST_WORD)}data: {"choices":[\n\n`, pieceBytes: 7 }],
  ])('that is %s after the first token ends with an SSE error event', async (_name, fault) => {
    await begin('server: { drain: 0ms }\ntimeouts: { idle: 300ms }');
    upstream.answer({ ...ANSWER, ...fault });
    const response = await stream();
    expect(response.status).toBe(200);
    const { choices, error } = checkStream(await response.text(), { isFailed: true });
    expect(choices).toMatchObject([{ text: 'Hel', finish: null }]);
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted', type: 'server_error' });
  });
});

describe('the SSE keepalive comment (server.keepalive)', () => {
  beforeEach(() => begin(QUICK_KEEPALIVE));

  it('is sent while the provider is silent, and the answer comes after it', async () => {
    upstream.answer({ ...ANSWER, isSilent: true });
    const response = await stream();
    expect(response.status).toBe(200);
    upstream.release();
    const answer = checkStream(await response.text());
    expect(answer.comments).toBeGreaterThan(0);
    expect(answer.choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('makes a later failure an SSE error event', async () => {
    upstream.answer({ isSilent: true, status: 500, body: '{"error":{"message":"broken"}}' });
    const response = await stream();
    upstream.release();
    const { error, choices } = checkStream(await response.text(), { isFailed: true });
    expect(choices).toEqual([]);
    expect(error).toMatchObject({ code: 'upstream_error', message: 'broken' });
  });

  it('does not delay timeouts.first_token', async () => {
    await begin(`${QUICK_KEEPALIVE}\ntimeouts: { first_token: 200ms }`);
    upstream.answer({ isSilent: true });
    const { error, comments } = checkStream(await (await stream()).text(), { isFailed: true });
    // Four of them, and one where the machine stood still meanwhile.
    expect(comments).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: 'upstream_timeout' });
  });

  it('is sent in mid-stream too', async () => {
    await begin(`${QUICK_KEEPALIVE}\ntimeouts: { idle: 400ms }`);
    upstream.answer({ ...ANSWER, stallAfterBytes: FIRST_WORD });
    const { comments, choices } = checkStream(await (await stream()).text(), { isFailed: true });
    expect(comments).toBeGreaterThan(0);
    expect(choices).toMatchObject([{ text: 'Hel' }]);
  });
});
