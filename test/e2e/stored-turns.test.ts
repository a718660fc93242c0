import { expect, it } from 'vitest';
import { chatStream } from '../support/chat-answers.ts';
import {
  answering,
  describeOnEngines,
  eventsOf,
  openScene,
  type StoredClient,
  stalling,
  toldTo,
  typesOf,
  wordsOf,
} from '../support/stored.ts';

const say = (text: string) => ({ role: 'user', content: text });

async function itemsIn(client: StoredClient, id: string): Promise<readonly string[]> {
  return wordsOf((await client.get(`conversations/${id}/items?order=asc`)).body['data']);
}

async function newConversation(client: StoredClient): Promise<string> {
  return (await client.ask('POST', 'conversations', { items: [say('one')] })).id;
}

describeOnEngines('a turn of a conversation', (createUrl) => {
  it('locks it for others until its end', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const id = await newConversation(a);
    const first = a.create({ input: 'two', conversation: id });
    await upstream.request(1);
    for (const refused of [
      await a.create({ input: 'x', conversation: id }),
      await a.create({ input: 'x', conversation: id, background: true }),
      await a.ask('POST', `conversations/${id}/items`, { items: [say('x')] }),
    ]) {
      expect([refused.status, refused.error, refused.headers.get('retry-after')]).toMatchObject([
        400,
        { code: 'conversation_locked', param: 'conversation', type: 'invalid_request_error' },
        '1',
      ]);
    }
    upstream.release();
    expect((await first).status).toBe(200);
    upstream.answer(answering(() => 'then'));
    expect((await a.create({ input: 'three', conversation: id })).status).toBe(200);
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'so far', 'three', 'then']);
  });

  it('knows every turn before it, however many ask at once', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const id = await newConversation(a);
    const asked = await Promise.all(Array.from({ length: 8 }, () => a.create({ input: 'more', conversation: id })));
    const done = asked.filter(({ status }) => status === 200).length;
    expect(new Set(asked.map(({ error }) => error['code']))).toEqual(new Set([undefined, 'conversation_locked']));
    expect(await itemsIn(a, id)).toHaveLength(1 + 2 * done);
    const told = upstream.requests.map(({ body }) => (body as { messages: unknown[] }).messages.length);
    expect(told).toEqual(Array.from({ length: done }, (_, at) => 2 * at + 2));
  });

  it('runs to its end and is committed when its client leaves, streamed or not', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const id = await newConversation(a);
    for (const [at, stream] of [false, true].entries()) {
      upstream.answer(stalling('so ', 'far'));
      const leaving = new AbortController();
      const body = { model: 'm', input: 'more', conversation: id, stream };
      const asked = a.open('POST', 'responses', body, { signal: leaving.signal });
      asked.catch(() => undefined);
      await upstream.request(at + 1);
      leaving.abort();
      await asked.catch(() => undefined);
      upstream.release();
      await expect.poll(() => itemsIn(a, id)).toHaveLength(3 + 2 * at);
    }
    expect(await itemsIn(a, id)).toEqual(['one', 'more', 'so far', 'more', 'so far']);
  });

  it('can be followed by others where it is streamed, and be cancelled', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const id = await newConversation(a);
    const body = { model: 'm', input: 'two', conversation: id, stream: true };
    const mine = await a.open('POST', 'responses', body);
    const [entry] = (await a.get('conversations')).body['data'] as [{ running: string }];
    const other = await a.open('GET', `responses/${entry.running}?stream=true&starting_after=1`);
    expect((await a.ask('POST', `responses/${entry.running}/cancel`)).body['status']).toBe('cancelled');
    const events = eventsOf(await mine.text());
    expect(typesOf(events).slice(-2)).toEqual(['error', 'incomplete']);
    expect(events.at(-1)).toMatchObject({ response: { status: 'cancelled', conversation: { id } } });
    expect(eventsOf(await other.text())).toEqual(events.slice(2));
    expect(await itemsIn(a, id)).toEqual(['one']);
  });

  it('that fails before its first event has the status of its failure, and appends nothing', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer({ status: 400, body: JSON.stringify({ error: { message: 'No.', type: 'x', code: null } }) });
    const id = await newConversation(a);
    for (const stream of [false, true]) {
      const failed = await a.create({ input: 'two', conversation: id, stream });
      expect([failed.status, failed.error['message']]).toEqual([400, expect.stringContaining('No.')]);
      expect(failed.headers.get('x-sluice-provider')).toBe('up');
    }
    expect(await itemsIn(a, id)).toEqual(['one']);
    upstream.answer(answering(() => 'then'));
    expect((await a.create({ input: 'two', conversation: id })).status).toBe(200);
  });

  it('that fails after a long silence says so in its events: its head was sent', async () => {
    const { a, upstream } = await openScene(await createUrl(), { server: '{ drain: 0ms, keepalive: 50ms }' });
    const error = { message: 'No.', type: 'x', code: null };
    upstream.answer({ isSilent: true, status: 400, body: JSON.stringify({ error }) });
    const id = await newConversation(a);
    const response = await a.open('POST', 'responses', { model: 'm', input: 'two', conversation: id, stream: true });
    expect(response.status).toBe(200);
    upstream.release();
    const events = eventsOf(await response.text());
    expect(typesOf(events)).toEqual(['created', 'in_progress', 'error', 'failed']);
    const failed = events.at(-1)?.['response'] as { id: string };
    expect((await a.get(`responses/${failed.id}`)).body['status']).toBe('failed');
    expect(await itemsIn(a, id)).toEqual(['one']);
  });

  it('that breaks off appends nothing, unless it is told to save what there is', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const answer = chatStream('half ', 'an answer');
    upstream.answer({ ...answer, destroyAfterBytes: String(answer.body).indexOf('an answer') });
    const id = await newConversation(a);
    const lost = await a.create({ input: 'two', conversation: id });
    expect([lost.status, await itemsIn(a, id)]).toEqual([502, ['one']]);
    const body = { model: 'm', input: 'two', conversation: id, stream: true };
    const saved = await a.open('POST', 'responses', body, { headers: { 'x-sluice-save-partial': 'true' } });
    const failed = eventsOf(await saved.text()).at(-1)?.['response'] as { id: string; status: string };
    expect(failed.status).toBe('failed');
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'half ']);
    const [last] = (await a.get(`conversations/${id}/items`)).body['data'] as [{ status: string }];
    expect(last.status).toBe('incomplete');
    expect((await a.get(`responses/${failed.id}`)).body).toEqual(failed);
    const child = await a.create({ input: 'x', previous_response_id: failed.id });
    expect(child.error['code']).toBe('previous_response_not_found');
    upstream.answer(answering(() => 'whole'));
    await a.create({ input: 'again', conversation: id });
    expect(toldTo(upstream)).toEqual(['user: one', 'user: two', 'assistant: half ', 'user: again']);
  });

  it('outlives its conversation', async () => {
    const { a, upstream, gateway } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const id = await newConversation(a);
    const asked = a.create({ input: 'two', conversation: id });
    await upstream.request(1);
    await a.ask('DELETE', `conversations/${id}`);
    upstream.release();
    const made = await asked;
    expect([made.status, made.body['status']]).toEqual([200, 'completed']);
    expect((await a.get(`responses/${made.id}`)).body).toEqual(made.body);
    expect((await a.create({ input: 'x', previous_response_id: made.id })).status).toBe(400);
    expect(gateway.log.join()).not.toContain('was not kept');
  });
});
