import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { named, type Requests, requestsOf, resumable, TWO_KEYS } from '../support/requests.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const IN_MID_STREAM = { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) };
const QUESTION = { messages: [{ role: 'user', content: 'a secret question' }] };

let upstream: TestUpstream;
let gateway: TestGateway;
let requests: Requests;

beforeEach(async () => {
  upstream = await runUpstream(IN_MID_STREAM);
  gateway = await runGateway(configFor(upstream.url, `${TWO_KEYS}passthrough: { default: up }\n`));
  requests = requestsOf(gateway, 'key-a');
});

function ask(body: object = {}, init: RequestInit = named('mine')): Promise<Response> {
  const response = gateway.chat({ ...QUESTION, ...body }, init);
  response.catch(() => undefined);
  return response;
}

describe('GET /v1/requests', () => {
  it('is an empty list when no call is in flight', async () => {
    expect(await requests.list()).toMatchObject({ status: 200, body: { object: 'list', data: [] } });
  });

  it('comes in pages (limit, after)', async () => {
    upstream.answer({ isSilent: true });
    for (let number = 1; number <= 5; number++) {
      void ask({}, named(`call-${number}`));
      await upstream.request(number);
    }
    const whole = await requests.list();
    expect(whole.body).toMatchObject({ has_more: false, next_cursor: null });
    expect(whole.body.data).toHaveLength(5);
    const ids: (readonly string[])[] = [];
    let { body } = await requests.list('?limit=2');
    for (; ; { body } = await requests.list(`?limit=2&after=${body.next_cursor}`)) {
      ids.push((body.data ?? []).map(({ id }) => id));
      if (!body.has_more) break;
    }
    expect(ids).toEqual([['call-1', 'call-2'], ['call-3', 'call-4'], ['call-5']]);
    expect(body.next_cursor).toBeNull();
    const other = await requestsOf(gateway, 'key-b').list(
      `?after=${(await requests.list('?limit=1')).body.next_cursor}`,
    );
    expect(other.body.data).toEqual([]);
  });

  it.each([
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', 'all'],
    ['limit', '1&limit=2'],
    ['after', 'call-1'],
    ['after', 'YXQ6MTppZApiYWQ'],
    ['after', 'x'.repeat(4000)],
    ['aftr', 'x'],
    ['__proto__', '1'],
  ])('gets 400 for %s=%s', async (param, value) => {
    const { status, body } = await requests.list(`?${param}=${value}`);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_value', param } }]);
  });

  it('lists the calls in flight until they end', async () => {
    const response = await ask({ stream: true, model: 'm-alias' });
    const { body } = await requests.list();
    expect(body.data).toMatchObject([
      {
        id: 'mine',
        object: 'request',
        key: 'a',
        state: 'streaming',
        model: 'm',
        provider: 'up',
        requested_model: 'm-alias',
        stream: true,
        resumable: false,
        completion_tokens: 1,
        usage: null,
        error: null,
        attempts: [{ number: 1, model: 'm', provider: 'up', upstream: 'm-upstream', duration_ms: null, failure: null }],
      },
    ]);
    const [call] = body.data ?? [];
    expect(call?.age_ms).toBeGreaterThanOrEqual(call?.ttft_ms ?? Number.NaN);
    expect(Math.abs(Date.now() - Date.parse(call?.created_at ?? ''))).toBeLessThan(5000);
    upstream.release();
    await response.text();
    expect((await requests.list()).body.data).toEqual([]);
  });

  it('shows a waiting call, streamed or whole, with the time it waits', async () => {
    upstream.answer({ isSilent: true });
    void ask({ stream: true }, resumable('one'));
    void ask({}, named('two'));
    await upstream.request(2);
    expect((await requests.list()).body.data).toMatchObject([
      { id: 'one', state: 'waiting', stream: true, resumable: true, ttft_ms: null, completion_tokens: 0 },
      { id: 'two', state: 'waiting', stream: false, resumable: false, ttft_ms: null },
    ]);
  });

  it('shows each API key its own calls alone, even under one request id', async () => {
    void ask({ stream: true });
    void ask({ stream: true }, { headers: { authorization: 'Bearer key-b', 'x-request-id': 'mine' } });
    void ask({ stream: true }, { headers: { authorization: 'Bearer key-b', 'x-request-id': 'theirs' } });
    await upstream.request(3);
    const other = requestsOf(gateway, 'key-b');
    const idsOf = async ({ list }: Requests) => (await list()).body.data?.map(({ key, id }) => `${key} ${id}`).sort();
    expect(await idsOf(requests)).toEqual(['a mine']);
    expect(await idsOf(other)).toEqual(['b mine', 'b theirs']);
    expect(await requests.one('theirs')).toMatchObject({ status: 404, code: 'request_not_found' });
    await requests.cancel('mine');
    expect((await other.one('mine')).body.state).toBe('streaming');
  });

  it('requires an API key', async () => {
    const nobody = requestsOf(gateway, 'wrong');
    for (const answer of await Promise.all([nobody.list(), nobody.one('mine'), nobody.cancel('mine')])) {
      expect(answer).toMatchObject({ status: 401, code: 'invalid_api_key' });
    }
    expect((await nobody.resume('mine')).status).toBe(401);
  });

  it.each(['POST', 'PUT', 'DELETE'])('answers 405 to %s', async (method) => {
    const response = await fetch(`${gateway.url}/v1/requests`, { method, headers: { authorization: 'Bearer key-a' } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('GET /v1/requests/:id', () => {
  it('shows a completed call, with its usage tokens and times', async () => {
    upstream.answer(chatCompletion('Hi'));
    await (await ask()).text();
    const { status, body } = await requests.one('mine');
    expect([status, body]).toMatchObject([
      200,
      { state: 'completed', finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
    ]);
    expect(body.attempts?.[0]?.duration_ms).toBeGreaterThanOrEqual(0);
    expect(body.completion_tokens).toBe(2);
  });

  it('shows the error and the failed attempts of a call', async () => {
    upstream.answer({ status: 503, body: '{"error":{"message":"Come back later."}}' });
    const response = await ask();
    expect(response.status).toBe(503);
    expect((await requests.one('mine')).body).toMatchObject({
      state: 'failed',
      error: { code: 'upstream_overloaded', message: 'Come back later.' },
      attempts: [{ failure: { kind: 'overloaded', status: 503, message: 'Come back later.' } }],
    });
  });

  it('shows the latest call of a reused request id', async () => {
    upstream.answer({ status: 503 });
    await (await ask()).text();
    upstream.answer(chatCompletion('Hi'));
    await (await ask()).text();
    expect((await requests.one('mine')).body).toMatchObject({ state: 'completed', error: null });
  });

  it('shows no message content', async () => {
    const response = await ask({ stream: true }, resumable('mine'));
    const live = JSON.stringify((await requests.one('mine')).body);
    upstream.release();
    await response.text();
    expect(live + JSON.stringify((await requests.one('mine')).body)).not.toMatch(/secret|Hel|sk-|key-a/);
  });

  it('answers 404 for requests that reached no model', async () => {
    upstream.answer({});
    await (await ask({ model: 'unknown' })).text();
    await (await fetch(`${gateway.url}/v1/files`, named('mine'))).text();
    expect(await requests.one('mine')).toMatchObject({ status: 404, code: 'request_not_found' });
  });
});

describe('x-request-id of the client', () => {
  it('gets 409 request_id_in_use while a call of the same API key has it', async () => {
    const response = await ask({ stream: true });
    const refused = await ask({ stream: true });
    expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: 'request_id_in_use' } }]);
    expect(upstream.requests).toHaveLength(1);
    upstream.release();
    expect(await response.text()).toContain('[DONE]');
  });

  it('may be used again once the call has ended', async () => {
    void ask({ stream: true });
    await upstream.request(1);
    await requests.cancel('mine');
    upstream.answer(chatCompletion('Hi'));
    expect((await ask()).status).toBe(200);
  });

  it.each(['with space', 'x'.repeat(129), 'a/b'])('is replaced when it is invalid: %j', async (id) => {
    upstream.answer(chatCompletion('Hi'));
    const { headers } = await ask({}, named(id));
    const given = headers.get('x-request-id') ?? '';
    expect(given).toMatch(/^[0-9a-f]{32}$/);
    expect((await requests.one(given)).body.state).toBe('completed');
  });
});
