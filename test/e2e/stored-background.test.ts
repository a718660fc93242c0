import { expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { passTime } from '../support/pass-time.ts';
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

const ASKED = { model: 'm', input: 'one', background: true };

async function statusOf(client: StoredClient, id: string): Promise<unknown> {
  return (await client.get(`responses/${id}`)).body['status'];
}

describeOnEngines('responses in the background', (createUrl) => {
  it('answers at once with a queued response, which runs without a client and can be followed by a child', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const made = await a.create({ input: 'one', background: true });
    expect([made.status, made.body]).toMatchObject([
      200,
      { status: 'queued', background: true, output: [], usage: null, completed_at: null },
    ]);
    expect(made.headers.get('x-request-id')).toBe(made.id);
    await expect.poll(() => statusOf(a, made.id)).toBe('completed');
    const { body } = await a.get(`responses/${made.id}`);
    expect([wordsOf(body['output']), body['usage']]).toMatchObject([
      ['answer 1'],
      { total_tokens: expect.any(Number) },
    ]);
    await a.create({ input: 'two', previous_response_id: made.id });
    expect(toldTo(upstream)).toEqual(['user: one', 'assistant: answer 1', 'user: two']);
  });

  it('shows its output so far while it runs, and refuses to be followed', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'one', background: true });
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so ']);
    expect((await a.get(`responses/${id}`)).body).toMatchObject({ status: 'in_progress', usage: null });
    const child = await a.create({ input: 'two', previous_response_id: id });
    expect([child.status, child.error['message']]).toEqual([400, expect.stringContaining("is 'in_progress'")]);
    upstream.release();
    await expect.poll(() => statusOf(a, id)).toBe('completed');
  });

  it('runs on when its client leaves, and is followed from memory by any number of readers', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const leaving = new AbortController();
    const first = await a.open('POST', 'responses', { ...ASKED, stream: true }, { signal: leaving.signal });
    const reader = first.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes('output_text.delta')) seen += (await reader?.read())?.value ?? '';
    leaving.abort();
    const id = /"id":"(resp_[0-9a-f]+)"/.exec(seen)?.[1] ?? '';
    const readers = await Promise.all(
      ['', '&starting_after=0', '&starting_after=5'].map((after) =>
        a.open('GET', `responses/${id}?stream=true${after}`),
      ),
    );
    expect(readers.map(({ headers }) => headers.get('content-type'))).toEqual(
      Array(3).fill('text/event-stream; charset=utf-8'),
    );
    upstream.release();
    const [all = [], afterFirst = [], late = []] = await Promise.all(
      readers.map(async (response) => eventsOf(await response.text())),
    );
    expect(typesOf(all).slice(0, 4)).toEqual(['created', 'queued', 'in_progress', 'output_item.added']);
    expect(typesOf(all).at(-1)).toBe('completed');
    expect(afterFirst).toEqual(all.slice(1));
    expect(late).toEqual(all.slice(6));
  });

  it('is followed from the store after its end and after a restart', async () => {
    const url = await createUrl();
    const first = await openScene(url);
    const response = await first.a.open('POST', 'responses', { ...ASKED, stream: true });
    const events = eventsOf(await response.text());
    const id = String(recordOf(events[0]?.['response'])['id']);
    // At once: its last events are on their way into the store.
    expect(eventsOf(await (await first.a.open('GET', `responses/${id}?stream=true`)).text())).toEqual(events);
    await first.gateway.stop();
    const second = await openScene(url);
    for (const after of [0, 3, events.length - 2]) {
      const again = await second.a.open('GET', `responses/${id}?stream=true&starting_after=${after}`);
      expect(eventsOf(await again.text())).toEqual(events.slice(after + 1));
    }
    const nothing = await second.a.open('GET', `responses/${id}?stream=true&starting_after=${events.length - 1}`);
    expect(await nothing.text()).toBe('data: [DONE]\n\n');
    expect((await second.a.get(`responses/${id}`)).body).toEqual(events.at(-1)?.['response']);
  });

  it('is streamed later only where it was made so', async () => {
    const { a } = await openScene(await createUrl());
    const plain = await a.create({ input: 'one', background: true });
    await expect.poll(() => statusOf(a, plain.id)).toBe('completed');
    const foreground = await a.create({ input: 'one' });
    for (const { id } of [plain, foreground]) {
      const refused = await a.get(`responses/${id}?stream=true`);
      expect([refused.status, refused.error['param']]).toEqual([400, 'stream']);
    }
  });

  it('is cancelled once, and again is the same', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'one', background: true, stream: false });
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so ']);
    const cancelled = await a.ask('POST', `responses/${id}/cancel`);
    expect([cancelled.status, cancelled.body]).toMatchObject([
      200,
      { status: 'cancelled', incomplete_details: { reason: 'cancelled' }, error: null },
    ]);
    expect(recordsOf(cancelled.body['output'])).toMatchObject([{ status: 'incomplete' }]);
    expect((await a.ask('POST', `responses/${id}/cancel`)).body).toEqual(cancelled.body);
    expect((await a.get(`responses/${id}`)).body).toEqual(cancelled.body);
    await upstream.requests[0]?.closed;
    const child = await a.create({ input: 'two', previous_response_id: id });
    expect(child.error['code']).toBe('previous_response_not_found');
  });

  it('is left as it is when it is cancelled after its end; one in the foreground is refused', async () => {
    const { a } = await openScene(await createUrl());
    const made = await a.create({ input: 'one', background: true });
    await expect.poll(() => statusOf(a, made.id)).toBe('completed');
    expect((await a.ask('POST', `responses/${made.id}/cancel`)).body['status']).toBe('completed');
    const foreground = await a.create({ input: 'one' });
    const refused = await a.ask('POST', `responses/${foreground.id}/cancel`);
    expect([refused.status, refused.error['message']]).toEqual([400, expect.stringContaining('synchronous response')]);
  });

  it('is erased while it runs', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'one', background: true, stream: false });
    await upstream.request(1);
    expect((await a.ask('DELETE', `responses/${id}`)).body['deleted']).toBe(true);
    await upstream.requests[0]?.closed;
    expect((await a.get(`responses/${id}`)).status).toBe(404);
  });

  it('may run max_background times for each key, asked for at once too', async () => {
    const { a, b, upstream } = await openScene(await createUrl(), { responses: '{ max_background: 2 }' });
    upstream.answer(stalling('so ', 'far'));
    const made = await Promise.all(Array.from({ length: 5 }, () => a.create({ input: 'one', background: true })));
    expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429]);
    const refused = made.find(({ status }) => status === 429);
    expect([refused?.error['code'], refused?.headers.get('retry-after')]).toEqual(['concurrency_limit_exceeded', '1']);
    expect((await b.create({ input: 'one', background: true })).status).toBe(200);
    upstream.answer(answering(() => 'whole'));
    expect((await a.create({ input: 'one' })).status).toBe(200);
    upstream.release();
    await expect.poll(async () => (await a.create({ input: 'one', background: true })).status).toBe(200);
  });

  it('is kept for a while with store: false too, and nothing can follow it', async () => {
    const url = await createUrl();
    const { a } = await openScene(url, { responses: '{ background_keep: 10m }' });
    const { id, body } = await a.create({ input: 'one', background: true, store: false });
    expect(body).toMatchObject({ status: 'queued', store: false });
    await expect.poll(() => statusOf(a, id)).toBe('completed');
    const found = await a.get(`responses/${id}`);
    expect([found.body['store'], wordsOf(found.body['output'])]).toEqual([false, ['answer 1']]);
    const child = await a.create({ input: 'two', previous_response_id: id });
    expect([child.status, child.error['code']]).toEqual([400, 'previous_response_not_found']);
    await passTime(url, 601_000);
    expect((await a.get(`responses/${id}`)).status).toBe(404);
  });
});
