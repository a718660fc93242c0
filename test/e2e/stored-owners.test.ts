import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { describeOnEngines, openScene, stalling } from '../support/stored.ts';

describeOnEngines('stored answers of two keys', (createUrl) => {
  it('never meet: what is another key’s is what is not there', async () => {
    const { a, b } = await openScene(await createUrl());
    const made = await a.create({ input: 'secret' });
    const [said] = recordsOf(made.body['output']);
    const unknown = `resp_${'0'.repeat(48)}`;
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '?stream=true'],
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['GET', '/input_items'],
    ] as const) {
      const foreign = await b.ask(method, `responses/${made.id}${path}`);
      const missing = await b.ask(method, `responses/${unknown}${path}`);
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      expect(foreign.error).toEqual(JSON.parse(JSON.stringify(missing.error).replaceAll(unknown, made.id)));
    }
    const child = await b.create({ input: 'tell me', previous_response_id: made.id });
    expect([child.status, child.error['code']]).toEqual([400, 'previous_response_not_found']);
    const reference = await b.create({ input: [{ type: 'item_reference', id: said?.['id'] }] });
    expect([reference.status, reference.error['message']]).toEqual([400, `Item with id '${said?.['id']}' not found.`]);
    expect((await a.get(`responses/${made.id}`)).body).toEqual(made.body);
  });

  it('have conversations of their own', async () => {
    const { a, b } = await openScene(await createUrl());
    const item = { role: 'user', content: 'secret' };
    const made = await a.ask('POST', 'conversations', { items: [item], metadata: { title: 'Secret', topic: 'x' } });
    const path = `conversations/${made.id}`;
    const [itemId] = (await a.get(`${path}/items`)).ids;
    for (const [method, rest, body] of [
      ['GET', ''],
      ['POST', '', { metadata: {} }],
      ['DELETE', ''],
      ['GET', '/items'],
      ['POST', '/items', { items: [item] }],
      ['GET', `/items/${itemId}`],
      ['DELETE', `/items/${itemId}`],
      ['POST', '/fork', { after_item: itemId }],
      ['GET', '/export'],
    ] as const) {
      const foreign = await b.ask(method, path + rest, body);
      expect([method, rest, foreign.status]).toEqual([method, rest, 404]);
      expect(foreign.error['message']).toBe(`Conversation with id '${made.id}' not found.`);
    }
    expect((await b.create({ input: 'x', conversation: made.id })).status).toBe(404);
    expect((await b.get('conversations')).ids).toEqual([]);
    expect((await b.get('conversations?q=secret')).ids).toEqual([]);
    expect((await b.get('conversations?metadata[topic]=x')).ids).toEqual([]);
    expect((await b.get(`conversations?after=${made.id}`)).status).toBe(400);
    const own = await b.ask('POST', 'conversations', {});
    expect((await b.ask('POST', `conversations/${own.id}/fork`, { after_item: itemId })).status).toBe(404);
    expect((await b.get(`conversations/${own.id}/items?after=${itemId}`)).status).toBe(400);
    expect((await a.get('conversations?q=secret')).ids).toEqual([made.id]);
  });

  it('cannot follow or end what runs for the other', async () => {
    const { a, b, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'one', background: true });
    await upstream.request(1);
    expect((await b.get(`responses/${id}`)).status).toBe(404);
    expect((await b.get(`responses/${id}?stream=true`)).status).toBe(404);
    expect((await b.ask('POST', `responses/${id}/cancel`)).status).toBe(404);
    expect((await b.ask('DELETE', `responses/${id}`)).status).toBe(404);
    expect((await b.ask('DELETE', `requests/${id}`)).status).toBe(404);
    upstream.release();
    await expect.poll(async () => (await a.get(`responses/${id}`)).body['status']).toBe('completed');
  });

  it('can have calls of one name at the same time', async () => {
    const { a, b, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const name = { 'x-request-id': 'mine' };
    const made = await Promise.all([a, b].map((client) => client.create({ input: 'one', background: true }, name)));
    expect(made.map(({ status }) => status)).toEqual([200, 200]);
    await b.ask('DELETE', 'requests/mine');
    await expect.poll(async () => (await b.get(`responses/${made[1]?.id}`)).body['status']).toBe('cancelled');
    upstream.release();
    await expect.poll(async () => (await a.get(`responses/${made[0]?.id}`)).body['status']).toBe('completed');
  });
});
