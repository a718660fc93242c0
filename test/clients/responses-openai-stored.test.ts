import { setTimeout as wait } from 'node:timers/promises';
import type OpenAI from 'openai';
import { BadRequestError, NotFoundError } from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const HELLO = { model: 'demo', input: 'Hello!' };
/** Three seconds without a word. */
const SLOW = { model: 'demo:slow', input: 'Hello!', background: true };

let client: OpenAI;

beforeEach(async () => {
  client = openaiFor(await runStored());
});

/** Asks for it until it has ended, as OpenAI's guide does. */
async function ended(id: string): Promise<OpenAI.Responses.Response> {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (response.status !== 'queued' && response.status !== 'in_progress') return response;
    await wait(20);
  }
}

/** Of the one call in flight. */
async function runningId(): Promise<string> {
  const { data } = await client.get<{ data: { id: string }[] }>('/requests');
  return String(data[0]?.id);
}

describe('the OpenAI client, stored responses', () => {
  it('retrieves a response as it was given', async () => {
    const { _request_id: _, ...given } = await client.responses.create(HELLO);
    const { _request_id: __, ...found } = await client.responses.retrieve(given.id);
    expect(found).toEqual(given);
  });

  it('runs a response in the background', async () => {
    const queued = await client.responses.create({ ...HELLO, background: true });
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [], usage: null });
    const response = await ended(queued.id);
    expect(response).toMatchObject({ id: queued.id, status: 'completed' });
    expect(response.output_text).toMatch(/^You said: "Hello!"/);
  });

  it('leaves a background stream, and goes on where it stopped', async () => {
    const stream = await client.responses.create({ ...HELLO, background: true, stream: true });
    const first: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) if (first.push(event) === 6) break;
    const types = ['response.created', 'response.queued', 'response.in_progress', 'response.output_item.added'];
    expect(first.slice(0, 4).map(({ type }) => type)).toEqual(types);
    const id = first[0]?.type === 'response.created' ? first[0].response.id : '';

    const helper = client.responses.stream({ response_id: id, starting_after: 5 });
    const rest = await collect(helper);
    expect(rest[0]).toMatchObject({ sequence_number: 6 });
    expect((await helper.finalResponse()).output_text).toMatch(/^You said: "Hello!"/);
    const asked = await client.responses.retrieve(id, { stream: true, starting_after: 5 });
    expect(await collect(asked)).toEqual(JSON.parse(JSON.stringify(rest)));
    expect((await client.responses.retrieve(id)).status).toBe('completed');
  });

  it('cancels one in the background, again and again', async () => {
    const { id } = await client.responses.create(SLOW);
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'cancelled' });
  });

  it('ends the streams of a cancelled one with an error', async () => {
    const stream = await client.responses.create({ ...SLOW, stream: true });
    const reading = collect(stream).catch((error: unknown) => error);
    const id = await runningId();
    await client.responses.cancel(id);
    expect(await reading).toMatchObject({ code: 'request_cancelled' });
    await expect(client.responses.stream({ response_id: id }).finalResponse()).rejects.toMatchObject({
      code: 'request_cancelled',
    });
  });

  it('pages through all that a chain was asked with', async () => {
    const first = await client.responses.create(HELLO);
    const input = Array.from({ length: 5 }, (_, at) => ({ role: 'user' as const, content: `Part ${at}` }));
    const second = await client.responses.create({ model: 'demo', input, previous_response_id: first.id });
    const page = await client.responses.inputItems.list(second.id, { limit: 2, order: 'asc' });
    expect(page).toMatchObject({ has_more: true, data: [{ role: 'user' }, { role: 'assistant' }] });
    const ascending = await collect(client.responses.inputItems.list(second.id, { limit: 2, order: 'asc' }));
    const texts = ascending.map((item) => item.type === 'message' && JSON.stringify(item.content));
    expect(texts.map((text) => /Part \d|You said|Hello/.exec(String(text))?.[0])).toEqual([
      'Hello',
      'You said',
      ...input.map(({ content }) => content),
    ]);
    const newestFirst = await collect(client.responses.inputItems.list(second.id));
    expect(newestFirst.toReversed()).toEqual(ascending);
  });

  it('deletes a response: it is found no more, and cannot be a parent', async () => {
    const { id } = await client.responses.create(HELLO);
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
    const child = client.responses.create({ ...HELLO, previous_response_id: id });
    await expect(child).rejects.toBeInstanceOf(BadRequestError);
    await expect(child).rejects.toMatchObject({
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining(`Previous response with id '${id}' not found.`),
    });
  });

  it('keeps nothing with store: false', async () => {
    const response = await client.responses.create({ ...HELLO, store: false });
    expect(response).toHaveProperty('store', false);
    await expect(client.responses.retrieve(response.id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining(`Response with id '${response.id}' not found.`),
    });
  });

  it('counts input tokens, those of a chain included', async () => {
    const alone = await client.responses.inputTokens.count(HELLO);
    expect(alone).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) });
    const { id } = await client.responses.create(HELLO);
    const chained = await client.responses.inputTokens.count({ ...HELLO, previous_response_id: id });
    expect(chained.input_tokens).toBeGreaterThan(alone.input_tokens);
  });

  it('compacts a chain, and goes on from there', async () => {
    const { id } = await client.responses.create({ model: 'demo', input: 'My name is Ada.' });
    const compacted = await client.responses.compact({ model: 'demo', previous_response_id: id });
    expect(compacted).toMatchObject({
      object: 'response.compaction',
      output: [{ role: 'user' }, { type: 'compaction' }],
    });
    const question = { role: 'user' as const, content: 'What is my name?' };
    const input = [...compacted.output, question] as OpenAI.Responses.ResponseInput;
    expect((await client.responses.create({ model: 'demo', input })).output_text).toBe('Your name is Ada.');
  });
});
