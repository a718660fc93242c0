import type OpenAI from 'openai';
import { NotFoundError } from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

let client: OpenAI;

beforeEach(async () => {
  client = openaiFor(await runStored());
});

function said(content: string): OpenAI.Responses.ResponseInputItem {
  return { type: 'message', role: 'user', content };
}

/** The texts of a conversation, oldest first. */
async function textsOf(id: string): Promise<string[]> {
  const items = await collect(client.conversations.items.list(id, { order: 'asc' }));
  return items.map((item) => {
    const [part] = item.type === 'message' ? item.content : [];
    return part && 'text' in part ? part.text.slice(0, 15) : item.type;
  });
}

describe('the OpenAI client, conversations', () => {
  it('creates, retrieves, updates and deletes one', async () => {
    const made = await client.conversations.create({ metadata: { title: 'Trip' }, items: [said('My name is Ada.')] });
    expect(made).toMatchObject({ object: 'conversation', metadata: { title: 'Trip' }, created_at: expect.any(Number) });
    expect(made.id).toMatch(/^conv_/);
    expect(await client.conversations.retrieve(made.id)).toMatchObject({ id: made.id, metadata: { title: 'Trip' } });
    const updated = await client.conversations.update(made.id, { metadata: { topic: 'Rome' } });
    expect(updated).toMatchObject({ id: made.id, metadata: { topic: 'Rome' } });
    expect(updated.metadata).not.toHaveProperty('title');
    const gone = await client.conversations.delete(made.id);
    expect(gone).toMatchObject({ id: made.id, object: 'conversation.deleted', deleted: true });
    const missing = client.conversations.retrieve(made.id);
    await expect(missing).rejects.toBeInstanceOf(NotFoundError);
    await expect(missing).rejects.toThrow(`Conversation with id '${made.id}' not found.`);
  });

  it('creates an empty one', async () => {
    const made = await client.conversations.create();
    expect(made).toMatchObject({ object: 'conversation', metadata: {} });
    expect(await textsOf(made.id)).toEqual([]);
  });

  it('answers in it, whole and streamed, and remembers', async () => {
    const { id } = await client.conversations.create({ items: [said('My name is Ada.')] });
    const asked = { model: 'demo', conversation: id };
    const first = await client.responses.create({ ...asked, input: 'Hello!' });
    expect(first).toMatchObject({ conversation: { id }, previous_response_id: null });
    const second = await client.responses.stream({ ...asked, input: 'What is my name?' }).finalResponse();
    expect(second.output_text).toBe('Your name is Ada.');
    const all = ['My name is Ada.', 'Hello!', 'You said: "Hell', 'What is my name', 'Your name is Ad'];
    expect(await textsOf(id)).toEqual(all);
  });

  it('adds, finds, pages and deletes items', async () => {
    const { id } = await client.conversations.create();
    const items = Array.from({ length: 5 }, (_, at) => said(`Part ${at}`));
    const added = await client.conversations.items.create(id, { items });
    expect(added).toMatchObject({ object: 'list', has_more: false });
    expect(added.data).toHaveLength(5);
    const pages = await collect((await client.conversations.items.list(id, { limit: 2 })).iterPages());
    expect(pages.map(({ data }) => data.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap(({ data }) => data).toReversed()).toEqual(added.data);

    const item = String(added.data[1]?.id);
    expect(await client.conversations.items.retrieve(item, { conversation_id: id })).toMatchObject({ id: item });
    expect(await client.conversations.items.delete(item, { conversation_id: id })).toMatchObject({
      id,
      object: 'conversation',
    });
    await expect(client.conversations.items.retrieve(item, { conversation_id: id })).rejects.toMatchObject({
      status: 404,
    });
    expect(await textsOf(id)).toEqual(['Part 0', 'Part 2', 'Part 3', 'Part 4']);
  });

  it('answers once at a time: a second writer is told to wait', async () => {
    const { id } = await client.conversations.create();
    const first = await client.responses.create({
      model: 'demo:silent',
      input: 'A',
      conversation: id,
      background: true,
    });
    await expect(client.responses.create({ model: 'demo', input: 'B', conversation: id })).rejects.toMatchObject({
      status: 400,
      code: 'conversation_locked',
      param: 'conversation',
    });
    await client.responses.cancel(first.id);
    expect(await textsOf(id)).toEqual([]);
    const next = await client.responses.create({ model: 'demo', input: 'B', conversation: id });
    expect(next.status).toBe('completed');
  });

  it('refuses a parent beside it, and one that is not there', async () => {
    const { id } = await client.conversations.create();
    const asked = { model: 'demo', input: 'Hello!' };
    const parent = await client.responses.create(asked);
    const both = client.responses.create({ ...asked, conversation: id, previous_response_id: parent.id });
    await expect(both).rejects.toMatchObject({ status: 400, code: 'mutually_exclusive_parameters' });
    await expect(client.responses.create({ ...asked, conversation: 'conv_none' })).rejects.toBeInstanceOf(
      NotFoundError,
    );
  });
});
