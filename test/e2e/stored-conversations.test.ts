import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { answering, describeOnEngines, openScene, type StoredClient, toldTo, wordsOf } from '../support/stored.ts';

const say = (text: string) => ({ role: 'user', content: text });

async function itemsIn(client: StoredClient, id: string, query = 'order=asc&limit=100'): Promise<readonly string[]> {
  return wordsOf((await client.get(`conversations/${id}/items?${query}`)).body['data']);
}

describeOnEngines('conversations', (createUrl) => {
  it('are made, read, changed and erased as at OpenAI', async () => {
    const { a } = await openScene(await createUrl());
    const made = await a.ask('POST', 'conversations', { metadata: { topic: 'tides' } });
    expect(made.body).toEqual({
      ...{ id: made.id, object: 'conversation', metadata: { topic: 'tides' } },
      created_at: expect.any(Number),
    });
    expect(made.id).toMatch(/^conv_[0-9a-f]{48}$/);
    expect((await a.get(`conversations/${made.id}`)).body).toEqual(made.body);
    const changed = await a.ask('POST', `conversations/${made.id}`, { metadata: { title: 'Ebb' } });
    expect(changed.body['metadata']).toEqual({ title: 'Ebb' });
    const deleted = { id: made.id, object: 'conversation.deleted', deleted: true };
    expect((await a.ask('DELETE', `conversations/${made.id}`)).body).toEqual(deleted);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/items'],
      ['GET', '/export'],
    ] as const) {
      expect((await a.ask(method, `conversations/${made.id}${path}`)).status).toBe(404);
    }
    expect((await a.ask('POST', 'conversations')).status).toBe(200);
  });

  it('have items that are added, listed, read and removed', async () => {
    const { a } = await openScene(await createUrl());
    const { id, body } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const added = await a.ask('POST', `conversations/${id}/items`, { items: [say('two'), say('three')] });
    expect([added.body['object'], wordsOf(added.body['data'])]).toEqual(['list', ['two', 'three']]);
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'three']);
    expect(await itemsIn(a, id, 'limit=2')).toEqual(['three', 'two']);
    expect(await itemsIn(a, id, `limit=2&after=${added.ids[0]}`)).toEqual(['one']);
    const [item] = recordsOf(added.body['data']);
    expect((await a.get(`conversations/${id}/items/${item?.['id']}`)).body).toEqual(item);
    expect((await a.ask('DELETE', `conversations/${id}/items/${item?.['id']}`)).body).toEqual(body);
    expect((await a.get(`conversations/${id}/items/${item?.['id']}`)).status).toBe(404);
    expect((await a.ask('DELETE', `conversations/${id}/items/${item?.['id']}`)).status).toBe(404);
    expect(await itemsIn(a, id)).toEqual(['one', 'three']);
  });

  it('take items that are kept elsewhere, and none that are not', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const [said] = recordsOf((await a.create({ input: 'one' })).body['output']);
    const reference = { type: 'item_reference', id: said?.['id'] };
    const { id } = await a.ask('POST', 'conversations', { items: [reference] });
    expect((await a.ask('POST', `conversations/${id}/items`, { items: [reference] })).body['data']).toEqual([said]);
    await a.create({ input: 'two', conversation: id });
    expect(toldTo(upstream)).toEqual(['assistant: answer 1\n\nanswer 1', 'user: two']);
    const unknown = { items: [say('x'), { type: 'item_reference', id: 'msg_x' }] };
    for (const path of ['conversations', `conversations/${id}/items`]) {
      const refused = await a.ask('POST', path, unknown);
      expect([refused.status, refused.error['message']]).toEqual([400, "Item with id 'msg_x' not found."]);
    }
  });

  it('give a model their items, and take the answer', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const first = await a.create({ input: 'two', conversation: id });
    expect(first.body).toMatchObject({ conversation: { id }, store: true, previous_response_id: null });
    expect(toldTo(upstream)).toEqual(['user: one', 'user: two']);
    await a.create({ input: 'three', conversation: { id }, store: false });
    expect(toldTo(upstream)).toEqual(['user: one', 'user: two', 'assistant: answer 1', 'user: three']);
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'answer 1', 'three', 'answer 2']);
    expect((await a.get(`responses/${first.id}`)).body).toEqual(first.body);
    const both = await a.create({ input: 'x', conversation: id, previous_response_id: first.id });
    expect([both.status, both.error['code']]).toEqual([400, 'mutually_exclusive_parameters']);
  });

  it('are not written to by a chain that leaves them', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const first = await a.create({ input: 'two', conversation: id });
    const child = await a.create({ input: 'aside', previous_response_id: first.id });
    expect(toldTo(upstream)).toEqual(['user: one', 'user: two', 'assistant: answer 1', 'user: aside']);
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'answer 1']);
    await a.create({ input: 'more', previous_response_id: child.id });
    expect(toldTo(upstream)).toHaveLength(6);

    await a.ask('DELETE', `conversations/${id}`);
    expect((await a.get(`responses/${first.id}`)).body).toEqual(first.body);
    for (const parent of [first.id, child.id]) {
      const orphan = await a.create({ input: 'and?', previous_response_id: parent });
      expect([orphan.status, orphan.error['code'], orphan.error['message']]).toEqual([
        ...[400, 'previous_response_not_found'],
        `Previous response with id '${first.id}' not found.`,
      ]);
    }
  });

  it('are forked after one of their items, with an answer that the other does not get', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')], metadata: { title: 'Ebb' } });
    await a.create({ input: 'two', conversation: id });
    await a.create({ input: 'three', conversation: id });
    const { ids } = await a.get(`conversations/${id}/items?order=asc`);
    const fork = await a.ask('POST', `conversations/${id}/fork`, { after_item: ids[2] });
    expect([fork.status, fork.body]).toMatchObject([200, { object: 'conversation', metadata: { title: 'Ebb' } }]);
    expect(fork.id).not.toBe(id);
    await a.create({ input: 'else', conversation: fork.id });
    expect(toldTo(upstream)).toEqual(['user: one', 'user: two', 'assistant: answer 1', 'user: else']);
    expect(await itemsIn(a, id)).toEqual(['one', 'two', 'answer 1', 'three', 'answer 2']);
    await a.ask('DELETE', `conversations/${id}`);
    expect(await itemsIn(a, fork.id)).toEqual(['one', 'two', 'answer 1', 'else', 'answer 3']);
    const unknown = await a.ask('POST', `conversations/${fork.id}/fork`, { after_item: 'msg_x' });
    expect([unknown.status, unknown.error['message']]).toEqual([404, "Item with id 'msg_x' not found."]);
  });

  it('are exported as a file', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(answering(() => 'Höhe: ```3 m```'));
    const { id } = await a.ask('POST', 'conversations', { metadata: { title: 'Ebb' } });
    await a.create({ input: 'How high?', conversation: id });
    const markdown = await a.open('GET', `conversations/${id}/export?format=md`);
    expect(markdown.headers.get('content-disposition')).toBe(`attachment; filename=${id}.md`);
    expect(await markdown.text()).toBe('# Ebb\n\n## user\n\nHow high?\n\n## assistant\n\nHöhe: ```3 m```\n');
    const json = await a.get(`conversations/${id}/export?format=json`);
    expect(json.headers.get('content-disposition')).toBe(`attachment; filename=${id}.json`);
    expect([json.body['metadata'], wordsOf(json.body['items'])]).toEqual([
      { title: 'Ebb' },
      ['How high?', 'Höhe: ```3 m```'],
    ]);
    expect((await a.get(`conversations/${id}/export?format=pdf`)).status).toBe(400);
  });

  it('are listed by their last activity, found by words and by metadata, and say what runs in them', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const make = async (title: string, topic: string, text: string) =>
      (await a.ask('POST', 'conversations', { metadata: { title, topic }, items: [say(text)] })).id;
    const ebb = await make('Ebb', 'tides', 'See notes.txt');
    const storm = await make('ÄRGER', 'Tides', '100% wind');
    const calm = await make('Calm', 'weather', 'nothing');
    expect((await a.get('conversations')).ids).toEqual([calm, storm, ebb]);
    await a.create({ input: 'and the moon?', conversation: ebb });
    const page = await a.get('conversations?limit=2');
    expect([page.ids, page.body['has_more']]).toEqual([[ebb, calm], true]);
    expect((await a.get(`conversations?limit=2&after=${calm}`)).ids).toEqual([storm]);
    expect((await a.get('conversations?order=asc')).ids).toEqual([storm, calm, ebb]);
    for (const [query, found] of [
      ['q=moon', [ebb]],
      ['q=answer', [ebb]],
      ['q=txt', [ebb]],
      ['q=%C3%A4rg', [storm]],
      ['q=wind%20100', [storm]],
      ['q=calm%20moon', []],
      ['q=%22%27*(', [ebb, calm, storm]],
      ['metadata[topic]=tides', [ebb]],
      ['metadata[topic]=tid%25', []],
      ['metadata[topic]=tides&q=moon', [ebb]],
    ] as const) {
      expect([query, (await a.get(`conversations?${query}`)).ids]).toEqual([query, found]);
    }
    const [entry] = recordsOf(page.body['data']);
    expect(entry).toMatchObject({ id: ebb, object: 'conversation', updated_at: expect.any(Number), running: null });
    upstream.answer({ isSilent: true });
    const { id } = await a.create({ input: 'more', conversation: calm, background: true });
    const running = recordsOf((await a.get('conversations')).body['data']).map((one) => [one['id'], one['running']]);
    expect(running).toEqual(
      expect.arrayContaining([
        [calm, id],
        [ebb, null],
      ]),
    );
    await a.ask('POST', `responses/${id}/cancel`);
    expect(recordsOf((await a.get('conversations')).body['data']).map((one) => one['running'])).toEqual([
      null,
      null,
      null,
    ]);
  });
});
