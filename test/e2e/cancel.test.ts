import { beforeEach, describe, expect, it } from 'vitest';
import { chatChunk, chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { runDeafHost } from '../support/deaf-host.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { named, type Requests, type RequestsAnswer, requestsOf, TWO_KEYS } from '../support/requests.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** Below every deadline that could close it instead; that it is 50 ms is held by `npm run bench -- cancel`, on an idle machine. */
const MAX_CLOSE_MS = 8000;
const ANSWER = chatStream('Hel', 'lo');
const IN_MID_STREAM = { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) };

let upstream: TestUpstream;
let gateway: TestGateway;
let requests: Requests;

beforeEach(async () => {
  upstream = await runUpstream();
  gateway = await runGateway(configFor(upstream.url, TWO_KEYS));
  requests = requestsOf(gateway, 'key-a');
});

/** Starts the call `mine`. */
function ask(body: object = {}): Promise<Response> {
  const response = gateway.chat(body, named('mine'));
  response.catch(() => undefined);
  return response;
}

/** Cancels `mine`, and expects the provider's connection to be closed in time. */
async function cancel(closed: Promise<unknown> | undefined): Promise<RequestsAnswer> {
  const startedAt = performance.now();
  const [answer] = await Promise.all([requests.cancel('mine'), closed]);
  expect(performance.now() - startedAt).toBeLessThan(MAX_CLOSE_MS);
  return answer;
}

async function expectCancelled(response: Promise<Response>): Promise<void> {
  const { status, headers } = await response;
  const body = await (await response).json();
  expect([status, body]).toMatchObject([499, { error: { type: 'cancelled', param: null, code: 'request_cancelled' } }]);
  expect(headers.get('x-request-id')).toBe('mine');
}

describe('DELETE /v1/requests/:id', () => {
  const phases: [string, UpstreamAnswer, boolean][] = [
    ['waits for the head of a stream', { isSilent: true }, true],
    ['waits for the head of a whole answer', { isSilent: true }, false],
    ['waits for the first token', { ...ANSWER, stallAfterBytes: 0 }, true],
    ['reads a whole answer', { ...chatCompletion('Hi'), stallAfterBytes: 5 }, false],
    ['reads an error', { status: 500, body: 'x'.repeat(100), stallAfterBytes: 5 }, true],
  ];

  it.each(phases)(
    'cancels a call that %s with 499, and aborts the provider request',
    async (_phase, answer, stream) => {
      upstream.answer(answer);
      const response = ask({ stream });
      const { closed } = await upstream.request(1);
      expect(await cancel(closed)).toMatchObject({
        status: 200,
        body: { id: 'mine', object: 'request', cancelled: true, state: 'cancelled', model: 'm', provider: 'up' },
      });
      await expectCancelled(response);
      expect((await requests.list()).body.data).toEqual([]);
      expect((await requests.one('mine')).body).toMatchObject({
        state: 'cancelled',
        error: { code: 'request_cancelled' },
        attempts: [{ number: 1, failure: null }],
      });
    },
  );

  it('cancels a stream: it ends with the error event, and the provider request is aborted', async () => {
    upstream.answer(IN_MID_STREAM);
    const response = await ask({ stream: true });
    await cancel(upstream.requests[0]?.closed);
    const { choices, error } = checkStream(await response.text(), { isFailed: true });
    expect(choices).toMatchObject([{ text: 'Hel', finish: null }]);
    expect(error).toMatchObject({ code: 'request_cancelled', type: 'cancelled' });
    expect((await requests.one('mine')).body).toMatchObject({ state: 'cancelled', completion_tokens: 1 });
  });

  it('cancels a stream whose head went out with a keepalive: it ends with the error event', async () => {
    const impatient = await runGateway(configFor(upstream.url, 'server: { drain: 0ms, keepalive: 10ms }'));
    upstream.answer({ isSilent: true });
    const response = await impatient.chat({ stream: true }, named('mine'));
    const { closed } = await upstream.request(1);
    await Promise.all([requestsOf(impatient).cancel('mine'), closed]);
    expect(await response.text()).toMatch(
      /^(: keepalive\n\n)+data: \{"error":\{[^\n]*"code":"request_cancelled"\}\}\n\n$/,
    );
  });

  it('cancels a call in its retry backoff, and asks no provider again', async () => {
    const patient = await runGateway(
      configFor(upstream.url, '').replace('max_retries: 0', 'max_retries: 2, max_delay: 60s'),
    );
    upstream.answer({ status: 429, headers: { 'retry-after': '30' } });
    const response = patient.chat({}, named('mine'));
    const { one, cancel } = requestsOf(patient);
    await expect.poll(async () => (await one('mine')).body.state, { interval: 2 }).toBe('backing_off');
    const startedAt = performance.now();
    expect((await cancel('mine')).body).toMatchObject({
      attempts: [{ failure: { kind: 'rate-limited', status: 429 } }],
    });
    await expectCancelled(response);
    expect(performance.now() - startedAt).toBeLessThan(MAX_CLOSE_MS);
    expect(upstream.requests).toHaveLength(1);
  });

  it('cancels a call during mid-stream failover (rescue) to another provider', async () => {
    const second = await runUpstream({ isSilent: true });
    const rescuing = await runGateway(
      `providers:\n  one: { kind: openai-compatible, base_url: "${upstream.url}/v1" }\n` +
        `  two: { kind: openai-compatible, base_url: "${second.url}/v1" }\n` +
        'models:\n  one: { provider: one, fallbacks: [two] }\n  two: { provider: two }\nserver: { drain: 0ms }\n',
    );
    upstream.answer({ ...ANSWER, destroyAfterBytes: firstWordBytes(ANSWER) });
    const response = await rescuing.chat({ model: 'one', stream: true }, named('mine'));
    requests = requestsOf(rescuing);
    const { closed } = await second.request(1);
    expect((await cancel(closed)).body).toMatchObject({
      provider: 'two',
      attempts: [
        { provider: 'one', failure: { kind: 'interrupted' } },
        { provider: 'two', failure: null },
      ],
    });
    const { choices, error } = checkStream(await response.text(), { isFailed: true });
    expect([choices, error]).toMatchObject([[{ text: 'Hel' }], { code: 'request_cancelled' }]);
  });

  it.runIf(process.platform === 'linux')('cancels the connecting to a host that does not accept', async () => {
    const host = await runDeafHost();
    const connecting = await runGateway(configFor(host.url, 'server: { drain: 0ms }\ntimeouts: { connect: 60s }'));
    const response = connecting.chat({}, named('mine'));
    await expect.poll(host.connecting, { interval: 2 }).toBe(1);
    requests = requestsOf(connecting);
    await cancel(expect.poll(host.connecting, { interval: 2 }).toBe(0));
    await expectCancelled(response);
  });

  it('cancels a call whose client does not read, and frees its provider', async () => {
    const flood = Array.from({ length: 3000 }, () => chatChunk('x'.repeat(10_000))).join('');
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, body: flood });
    await ask({ stream: true });
    const { closed } = await upstream.request(1);
    await cancel(closed);
    expect((await requests.one('mine')).body.state).toBe('cancelled');
  });
});

describe('cancelling with DELETE /v1/requests/:id', () => {
  it('is idempotent: again, many times at once, and after the end', async () => {
    upstream.answer({ isSilent: true });
    const response = ask();
    await upstream.request(1);
    const answers = await Promise.all(Array.from({ length: 20 }, () => requests.cancel('mine')));
    await response;
    for (const answer of [...answers, await requests.cancel('mine')]) {
      expect(answer).toMatchObject({ status: 200, body: { id: 'mine', cancelled: true, state: 'cancelled' } });
    }
  });

  it.each([
    ['completed', chatCompletion('Hi')],
    ['failed', { status: 400 }],
  ] as const)('a call that is %s is refused', async (state, answer) => {
    upstream.answer(answer);
    await (await ask()).text();
    expect(await requests.cancel('mine')).toMatchObject({ status: 409, code: 'request_completed' });
    expect((await requests.one('mine')).body.state).toBe(state);
  });

  it('the call of another key gets 404, and leaves that call running', async () => {
    upstream.answer(IN_MID_STREAM);
    const response = await ask({ stream: true });
    expect(await requestsOf(gateway, 'key-b').cancel('mine')).toMatchObject({ status: 404, code: 'request_not_found' });
    upstream.release();
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: 'Hello', finish: 'stop' }]);
  });

  it.each(['unknown', 'x'.repeat(2000), '%20', 'a%2Fb', '%F0%9F%98%80', '..%2f..', '__proto__'])(
    'the unknown id %j gets 404',
    async (id) => {
      expect(await requests.cancel(id)).toMatchObject({ status: 404, code: 'request_not_found' });
      expect(await requests.one(id)).toMatchObject({ status: 404, code: 'request_not_found' });
    },
  );

  it('an id with invalid percent-encoding gets 400', async () => {
    expect(await requests.cancel('%ZZ')).toMatchObject({ status: 400, code: 'invalid_request_error' });
  });

  it('does not count against the circuit breaker: the next call is served by the same provider', async () => {
    upstream.answer({ isSilent: true });
    void ask();
    await cancel((await upstream.request(1)).closed);
    upstream.answer(chatCompletion('Hi'));
    const next = await gateway.chat({}, named('mine'));
    expect([next.status, next.headers.get('x-sluice-attempts')]).toEqual([200, '1']);
  });

  it('leaves a usage record with the tokens that were spent', async () => {
    upstream.answer(IN_MID_STREAM);
    const response = await ask({ stream: true });
    await requests.cancel('mine');
    await response.text();
    const find = () => gateway.log.find((text) => text.includes('"msg":"call"'));
    await expect.poll(find).toBeDefined();
    expect(JSON.parse(find() ?? '{}')).toMatchObject({
      id: 'mine',
      outcome: 'cancelled',
      status: 499,
      error: 'request_cancelled',
      completion_tokens: 1,
    });
  });
});
