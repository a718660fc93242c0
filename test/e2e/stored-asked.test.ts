import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { describeOnEngines, eventsOf, openScene, type StoredClient, stalling, wordsOf } from '../support/stored.ts';

async function inputOf(client: StoredClient, id: string): Promise<readonly string[]> {
  return wordsOf((await client.get(`responses/${id}/input_items?order=asc`)).body['data']);
}

describeOnEngines('what a response was asked that was not answered', (createUrl) => {
  it('is listed with its context, of one that was cancelled', async () => {
    const { a, b, upstream } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' });
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'two', previous_response_id: first.id, background: true });
    await upstream.request(2);
    expect(await inputOf(a, id)).toEqual(['one', 'answer 1', 'two']);
    await a.ask('POST', `responses/${id}/cancel`);
    expect(await inputOf(a, id)).toEqual(['one', 'answer 1', 'two']);
    const page = await a.get(`responses/${id}/input_items?limit=1`);
    expect([wordsOf(page.body['data']), page.body['has_more']]).toEqual([['two'], true]);
    expect(recordsOf(page.body['data'])[0]?.['id']).toMatch(/^msg_/);
    expect((await b.get(`responses/${id}/input_items`)).status).toBe(404);
    await a.ask('DELETE', `responses/${id}`);
    expect((await a.get(`responses/${id}/input_items`)).status).toBe(404);
  });

  it('is listed of one that broke off in the foreground, and of one that its provider refused', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const half = chatStream('half ', 'way');
    upstream.answer({ ...half, destroyAfterBytes: firstWordBytes(half) });
    const stream = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const last = eventsOf(await stream.text()).at(-1)?.['response'] as { id: string };
    expect(await inputOf(a, last.id)).toEqual(['one']);
    upstream.answer({ status: 400, body: '{"error":{"message":"No."}}' });
    const refused = await a.create({ input: 'two', background: true });
    await expect.poll(async () => (await a.get(`responses/${refused.id}`)).body['status']).toBe('failed');
    expect(await inputOf(a, refused.id)).toEqual(['two']);
  });

  it('is listed with the conversation before it, and joins it not', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const conversation = (await a.ask('POST', 'conversations', { items: [{ role: 'user', content: 'first' }] })).id;
    upstream.answer({ status: 400, body: '{"error":{"message":"No."}}' });
    const { id } = await a.create({ input: 'two', conversation, background: true });
    await expect.poll(async () => (await a.get(`responses/${id}`)).body['status']).toBe('failed');
    await a.ask('POST', `conversations/${conversation}/items`, { items: [{ role: 'user', content: 'later' }] });
    expect(await inputOf(a, id)).toEqual(['first', 'two']);
    expect(wordsOf((await a.get(`conversations/${conversation}/items?order=asc`)).body['data'])).toEqual([
      'first',
      'later',
    ]);
  });

  it('is listed in the background with store: false too', async () => {
    const { a } = await openScene(await createUrl());
    const { id } = await a.create({ input: 'one', background: true, store: false });
    await expect.poll(async () => (await a.get(`responses/${id}`)).body['status']).toBe('completed');
    expect(await inputOf(a, id)).toEqual(['one']);
  });
});
