import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { askedFor } from '../support/remote-provider.ts';
import { openRemote } from '../support/remote-scene.ts';
import {
  nativeEvents,
  nativeMessage,
  nativeResponse,
  nativeStream,
  nativeTexts,
} from '../support/responses-upstream.ts';
import { answering, eventsOf, type StoredClient } from '../support/stored.ts';

const openScene = (keys?: readonly string[], more?: string) =>
  openRemote(`sqlite:${makeTemporaryFolder('remote')}/s.db`, keys, more);

const BUSY = { status: 429, body: JSON.stringify({ error: { message: 'Slow down.', code: 'rate_limit_exceeded' } }) };

/** A record of a call that has ended. */
async function recordFor(client: StoredClient, id: string): Promise<JsonRecord> {
  return (await client.get(`requests/${id}`)).body;
}

describe('a call whose answer its provider keeps', () => {
  it('is on record as any other, with what it used', async () => {
    const { a } = await openScene();
    const { id } = await a.create({ input: 'one' });
    expect(await recordFor(a, id)).toMatchObject({
      id,
      state: 'completed',
      model: 'm',
      provider: 'ai',
      usage: { prompt_tokens: 20, completion_tokens: 5 },
      attempts: [{ provider: 'ai', failure: null }],
    });
    const slow = await a.create({ input: 'one', background: true });
    expect(await recordFor(a, slow.id)).toMatchObject({ state: 'completed', provider: 'ai', usage: null });
  });

  it('takes another key before its answer begins, unless what it follows belongs to one', async () => {
    const { a, provider, other } = await openScene(['k1', 'k2']);
    const first = await a.create({ input: 'one' });
    expect(provider.kept('k1')).toHaveLength(1);
    provider.refuse('k2', BUSY);
    const second = await a.create({ input: 'two' });
    expect([second.status, second.headers.get('x-sluice-attempts')]).toEqual([200, '2']);
    provider.refuse('k1', BUSY);
    const bound = await a.create({ input: 'three', previous_response_id: first.id });
    expect([bound.status, bound.headers.get('x-sluice-attempts'), bound.error['code']]).toEqual([
      429,
      '1',
      'rate_limit_exceeded',
    ]);
    expect(other.requests).toHaveLength(0);
  });

  it('falls back on another provider where nothing is kept, and nothing referred to', async () => {
    const { a, provider, other } = await openScene();
    other.answer(answering(() => 'here'));
    provider.refuse('k1', { status: 503 });
    expect((await a.create({ input: 'one' })).status).toBe(503);
    expect((await a.create({ input: 'one', store: false, background: true })).status).toBe(503);
    expect((await a.create({ input: 'one', store: false, prompt: { id: 'pmpt_1' } })).status).toBe(503);
    expect((await a.create({ input: 'one', fallbacks: ['other'] })).status).toBe(503);
    expect(other.requests).toHaveLength(0);
    const free = await a.create({ input: 'one', store: false });
    expect([free.status, free.headers.get('x-sluice-provider'), free.body['store']]).toEqual([200, 'up', false]);
    expect((await a.get(`responses/${free.id}`)).status).toBe(404);
  });

  it('is one of the gateway where the provider is a member of a group, or steps in', async () => {
    const { a, provider, other } = await openScene();
    const made = await a.create({ model: 'both', input: 'one', metadata: { a: 'b' } });
    expect(made.headers.get('x-sluice-provider')).toBe('ai');
    expect(askedFor(provider)).toMatchObject({ store: false, input: 'one' });
    expect(askedFor(provider)).not.toHaveProperty('metadata');
    const next = await a.create({ model: 'both', input: 'two', previous_response_id: made.id });
    expect(recordsOf(askedFor(provider)['input'])).toHaveLength(3);
    other.answer({ status: 500 });
    const helped = await a.create({ model: 'other', input: 'x', previous_response_id: next.id, fallbacks: ['m'] });
    expect([helped.status, helped.headers.get('x-sluice-provider')]).toEqual([200, 'ai']);
    expect(recordsOf(askedFor(provider)['input'])).toHaveLength(5);
  });

  it('is one of the gateway where nothing may be kept', async () => {
    const { a, provider } = await openScene(['k1'], 'responses: { store: false }\n');
    const made = await a.create({ input: 'one' });
    expect([made.status, made.body['store']]).toEqual([200, false]);
    expect(askedFor(provider)).toMatchObject({ store: false });
    expect((await a.create({ input: 'one', background: true })).status).toBe(400);
  });

  it('is cancelled by its id, also while it is streamed', async () => {
    const { a, provider } = await openScene();
    const events = nativeEvents([nativeMessage('so far and further')]);
    const answer = nativeStream(events);
    const body = String(answer.body);
    provider.instead({ ...answer, stallAfterBytes: body.lastIndexOf('event:', body.indexOf('"delta":"far')) });
    const reading = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const id = reading.headers.get('x-request-id') ?? '';
    expect((await a.ask('DELETE', `requests/${id}`)).status).toBe(200);
    const told = eventsOf(await reading.text());
    expect(told.slice(-2).map(({ type }) => type)).toEqual(['error', 'response.incomplete']);
    expect(recordOf(told.at(-1)?.['response'])).toMatchObject({ id, status: 'cancelled' });
    await provider.requests[0]?.closed;
    provider.release();
  });

  it('that comes in one piece is told in its order, once it can be found', async () => {
    const { a, provider } = await openScene();
    const sent = nativeEvents([nativeMessage('all at once')]);
    const body = nativeTexts(sent)
      .map((text) => `data: ${text}\n\n`)
      .join('');
    provider.instead({ headers: { 'content-type': 'text/event-stream' }, body });
    const reading = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const told = eventsOf(await reading.text());
    expect(told.map(({ type }) => type)).toEqual(sent.map(({ type }) => type));
    const [said] = recordsOf(recordOf(told.at(-1)?.['response'])['output']);
    expect((await a.create({ input: [{ type: 'item_reference', id: said?.['id'] }] })).status).toBe(200);
  });

  it('that breaks off is told so, and what there is of it is asked for at its provider', async () => {
    const { a, provider } = await openScene();
    const texts = nativeTexts(nativeEvents([nativeMessage('so far and further')]));
    const frames = texts.slice(0, 6).map((text) => `data: ${text}\n\n`);
    provider.instead({ headers: { 'content-type': 'text/event-stream' }, body: frames.join('') });
    const reading = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const told = eventsOf(await reading.text());
    expect(told.slice(-2).map(({ type }) => type)).toEqual(['error', 'response.failed']);
    const id = recordOf(told.at(-1)?.['response'])['id'];
    provider.instead({ body: JSON.stringify(nativeResponse({ status: 'failed', error: { code: 'server_error' } })) });
    expect((await a.get(`responses/${id}`)).body).toMatchObject({ id, model: 'm', status: 'failed' });
  });
});

it('a background that is streamed is told of at once, and goes on when its reader leaves', async () => {
  const { a, b, provider } = await openScene();
  const answer = nativeStream(nativeEvents([nativeMessage('so far')]));
  const body = String(answer.body);
  provider.instead({ ...answer, stallAfterBytes: body.indexOf('\n\n') + 2 });
  const leaving = new AbortController();
  const asked = { model: 'm', input: 'one', background: true, stream: true };
  const reading = await a.open('POST', 'responses', asked, { signal: leaving.signal });
  const id = reading.headers.get('x-request-id') ?? '';
  provider.instead({ body: JSON.stringify(nativeResponse({ status: 'queued' })) });
  expect((await a.get(`responses/${id}`)).body).toMatchObject({ id, status: 'queued' });
  expect((await b.get(`responses/${id}`)).status).toBe(404);
  provider.instead({ body: JSON.stringify(nativeResponse({ status: 'cancelled' })) });
  expect((await a.ask('POST', `responses/${id}/cancel`)).body).toMatchObject({ id, status: 'cancelled' });
  leaving.abort();
  await provider.requests[0]?.closed;
  provider.instead({ body: JSON.stringify(nativeResponse({ status: 'completed' })) });
  expect((await a.get(`responses/${id}`)).body).toMatchObject({ id, status: 'completed' });
  provider.release();
});

it('a stream that is cut off is taken up as that of any call', async () => {
  const { a, provider } = await openScene();
  const headers = { 'x-sluice-resumable': 'true' };
  const reading = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true }, { headers });
  const id = reading.headers.get('x-request-id') ?? '';
  const whole = await reading.text();
  const again = await a.open('GET', `requests/${id}/stream`, undefined, { headers: { 'last-event-id': '0' } });
  expect(await again.text()).toBe(whole);
  expect((await a.get(`responses/${id}`)).body).toMatchObject({ id, status: 'completed' });
  expect(provider.requests).toHaveLength(2);
});

describe('a provider that says something else', () => {
  it('is told of in OpenAI’s envelope', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one' });
    for (const [answer, status, code] of [
      [{ body: 'nope' }, 502, 'upstream_error'],
      [{ body: '[]' }, 502, 'upstream_error'],
      [{ status: 401, body: '{"error":{"message":"Incorrect API key provided: k1"}}' }, 502, 'upstream_unauthorized'],
      [{ status: 429, body: '{"error":{"message":"Slow down."}}' }, 429, 'rate_limit_exceeded'],
      [{ status: 503, body: '' }, 503, 'upstream_overloaded'],
      [
        { body: '{"id"', destroyAfterBytes: 5, headers: { 'content-length': '50' } },
        502,
        'upstream_stream_interrupted',
      ],
    ] as const) {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/cancel'],
        ['DELETE', ''],
        ['GET', '/input_items'],
      ] as const) {
        provider.instead(answer);
        const told = await a.ask(method, `responses/${id}${path}`);
        expect([path, answer, told.status, told.error['code']]).toEqual([path, answer, status, code]);
        expect(JSON.stringify(told.error)).not.toContain('k1');
      }
    }
    expect((await a.get(`responses/${id}`)).status).toBe(200);
  });

  it('is not waited for by a client that has left', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one' });
    provider.instead({ isSilent: true });
    const leaving = new AbortController();
    const asking = a.open('GET', `responses/${id}`, undefined, { signal: leaving.signal });
    const { closed } = await provider.request(2);
    leaving.abort();
    await expect(asking).rejects.toThrow('abort');
    await closed;
    provider.release();
  });

  it('has a name for its answer, or the answer is not kept', async () => {
    const { a, provider } = await openScene();
    provider.instead({
      body: JSON.stringify({ ...nativeResponse({ status: 'completed' }), id: null, output: [nativeMessage('x')] }),
    });
    const made = await a.create({ input: 'one' });
    expect([made.status, made.body['store']]).toEqual([200, false]);
    expect((await a.get(`responses/${made.id}`)).status).toBe(404);
  });
});

describe('a stream that is read again and breaks off', () => {
  it('ends with an error, and the response goes on', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one', background: true, stream: false });
    const texts = nativeTexts(nativeEvents([nativeMessage('so far')])).slice(0, 3);
    const body = texts.map((text) => `data: ${text}\n\n`).join('');
    const head = { 'content-type': 'text/event-stream', 'content-length': String(body.length + 100) };
    provider.instead({ headers: head, body, destroyAfterBytes: body.length });
    const events = eventsOf(await (await a.open('GET', `responses/${id}?stream=true`)).text());
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'error',
    ]);
    expect(events.at(-1)).toMatchObject({ sequence_number: 3, code: 'upstream_stream_interrupted' });
    provider.instead({ status: 500, body: '{}' });
    const failed = await a.get(`responses/${id}?stream=true`);
    expect([failed.status, failed.error['type']]).toEqual([502, 'server_error']);
  });
});
