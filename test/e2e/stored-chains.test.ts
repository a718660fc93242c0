import { expect, it } from 'vitest';
import { chatStream } from '../support/chat-answers.ts';
import { answering, describeOnEngines, eventsOf, openScene, toldTo, typesOf, wordsOf } from '../support/stored.ts';

describeOnEngines('chains of responses', (createUrl) => {
  it('keeps a response and what it was asked', async () => {
    const { a } = await openScene(await createUrl());
    const made = await a.create({ input: 'one', metadata: { topic: 'tides' }, instructions: 'Be brief.' });
    expect([made.status, made.body['status'], made.body['store']]).toEqual([200, 'completed', true]);
    expect(made.id).toMatch(/^resp_[0-9a-f]{48}$/);
    expect((await a.get(`responses/${made.id}`)).body).toEqual(made.body);
    const items = await a.get(`responses/${made.id}/input_items`);
    expect(items.body).toMatchObject({ object: 'list', has_more: false, first_id: items.ids[0] });
    expect(wordsOf(items.body['data'])).toEqual(['one']);
  });

  it('tells a child all that was said before, and none of the settings', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const first = await a.create({ input: 'one', instructions: 'Be brief.' });
    const second = await a.create({ input: 'two', previous_response_id: first.id });
    expect(second.body).toMatchObject({ previous_response_id: first.id, instructions: null });
    expect(toldTo(upstream)).toEqual(['user: one', 'assistant: answer 1', 'user: two']);
    await a.create({ input: 'three', previous_response_id: second.id, stream: false });
    expect(toldTo(upstream)).toEqual([
      ...['user: one', 'assistant: answer 1', 'user: two', 'assistant: answer 2', 'user: three'],
    ]);
  });

  it('pages input_items of a chain, the newest first', async () => {
    const { a } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' });
    const { id } = await a.create({ input: 'two', previous_response_id: first.id });
    const all = await a.get(`responses/${id}/input_items`);
    expect(wordsOf(all.body['data'])).toEqual(['two', 'answer 1', 'one']);
    const up = await a.get(`responses/${id}/input_items?order=asc&limit=2`);
    expect([wordsOf(up.body['data']), up.body['has_more']]).toEqual([['one', 'answer 1'], true]);
    const rest = await a.get(`responses/${id}/input_items?order=asc&limit=2&after=${up.body['last_id']}`);
    expect([wordsOf(rest.body['data']), rest.body['has_more']]).toEqual([['two'], false]);
    expect((await a.get(`responses/${id}/input_items?after=msg_x`)).status).toBe(400);
  });

  it('lets several children follow one response, at the same time too', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(answering(() => 'said'));
    const root = await a.create({ input: 'root' });
    const branches = await Promise.all(
      ['left', 'right', 'middle'].map((input) => a.create({ input, previous_response_id: root.id })),
    );
    for (const [at, branch] of branches.entries()) {
      await a.create({ input: 'leaf', previous_response_id: branch.id });
      const name = ['left', 'right', 'middle'][at];
      expect(toldTo(upstream)).toEqual([
        ...['user: root', 'assistant: said', `user: ${name}`, 'assistant: said', 'user: leaf'],
      ]);
    }
  });

  it('commits before the last event: a child can be asked for at once', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const response = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const events = eventsOf(await response.text());
    expect(typesOf(events).at(-1)).toBe('completed');
    const first = events[0]?.['response'] as { id: string };
    await a.create({ input: 'two', previous_response_id: first.id });
    expect(toldTo(upstream)).toEqual(['user: one', 'assistant: answer 1', 'user: two']);
    expect((await a.get(`responses/${first.id}`)).body).toEqual(events.at(-1)?.['response']);
  });

  it('finds items by their own ids (item_reference), also under a parent, and names an unknown one', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' });
    const [said] = first.body['output'] as [{ id: string }];
    const reference = { type: 'item_reference', id: said.id };
    const next = await a.create({ input: [reference, { role: 'user', content: 'and then?' }] });
    expect(toldTo(upstream)).toEqual(['assistant: answer 1', 'user: and then?']);
    expect((await a.get(`responses/${next.id}/input_items?order=asc`)).ids[0]).toBe(said.id);
    const unknown = { type: 'item_reference', id: 'msg_nothing' };
    const refused = await a.create({ input: [unknown] });
    expect([refused.status, refused.error]).toMatchObject([
      400,
      { message: "Item with id 'msg_nothing' not found.", param: 'input', code: null },
    ]);
    const many = Array.from({ length: 40_000 }, (_, at) => ({ type: 'item_reference', id: `msg_${at}` }));
    expect((await a.create({ input: many })).error['message']).toBe("Item with id 'msg_0' not found.");
    const unstored = await a.create({ input: [unknown], store: false });
    expect(unstored.error['message']).toContain('Items are not persisted when `store` is set to false.');
  });

  it('keeps nothing of store: false, which may still follow what is kept', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' });
    const unstored = await a.create({ input: 'two', previous_response_id: first.id, store: false });
    expect(unstored.body['store']).toBe(false);
    expect(toldTo(upstream)).toHaveLength(3);
    expect((await a.get(`responses/${unstored.id}`)).status).toBe(404);
    const child = await a.create({ input: 'three', previous_response_id: unstored.id });
    expect([child.status, child.error['code']]).toEqual([400, 'previous_response_not_found']);
    const [said] = unstored.body['output'] as [{ id: string }];
    expect((await a.create({ input: [{ type: 'item_reference', id: said.id }] })).status).toBe(400);
  });

  it('names a deleted parent to whatever stood on it', async () => {
    const { a } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' });
    const second = await a.create({ input: 'two', previous_response_id: first.id });
    const deleted = { id: first.id, object: 'response.deleted', deleted: true };
    expect((await a.ask('DELETE', `responses/${first.id}`)).body).toEqual(deleted);
    expect((await a.ask('DELETE', `responses/${first.id}`)).status).toBe(404);
    expect((await a.get(`responses/${first.id}`)).error).toMatchObject({
      message: `Response with id '${first.id}' not found.`,
      code: null,
    });
    for (const parent of [first.id, second.id]) {
      const child = await a.create({ input: 'three', previous_response_id: parent });
      expect([child.status, child.error]).toMatchObject([
        400,
        {
          code: 'previous_response_not_found',
          param: 'previous_response_id',
          message: `Previous response with id '${first.id}' not found.`,
        },
      ]);
    }
    expect((await a.get(`responses/${second.id}`)).status).toBe(200);
    expect((await a.get(`responses/${second.id}/input_items`)).error['message']).toContain(first.id);
  });

  it('keeps an answer that broke off, which nothing can follow', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const answer = chatStream('half ', 'an answer');
    upstream.answer({ ...answer, destroyAfterBytes: String(answer.body).indexOf('an answer') });
    const response = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const events = eventsOf(await response.text());
    expect(typesOf(events).slice(-2)).toEqual(['error', 'failed']);
    const failed = events.at(-1)?.['response'] as { id: string; output: unknown };
    expect(wordsOf(failed.output)).toEqual(['half ']);
    expect((await a.get(`responses/${failed.id}`)).body).toEqual(failed);
    const child = await a.create({ input: 'two', previous_response_id: failed.id });
    expect([child.status, child.error['code'], child.error['message']]).toEqual([
      ...[400, 'previous_response_not_found'],
      expect.stringContaining("is 'failed'"),
    ]);
  });
});
