import { describe, expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { openaiFor } from '../clients/client.ts';
import { checkResponsesStream } from '../support/responses.ts';
import { runTwoProviders, type TwoProviders } from '../support/two-providers.ts';

const SUMMARY = 'The colour is blue.';
const isTask = (body: string): boolean => body.includes('Summarise the conversation so far');
const say = (body: string): string => (isTask(body) ? SUMMARY : 'Noted.');

/** Two turns of a chain. @returns the id of the second */
async function chainOf({ post }: TwoProviders): Promise<unknown> {
  const first = await post('/responses', { model: 'c', input: 'My colour is blue.' });
  const second = await post('/responses', {
    model: 'c',
    input: 'My number is 42.',
    previous_response_id: first.body['id'],
  });
  return second.body['id'];
}

describe('POST /v1/responses/compact', () => {
  it('gives what the user said word for word with new ids, then one item with a summary of all', async () => {
    const scene = await runTwoProviders(say);
    const parent = await chainOf(scene);
    const { status, headers, body } = await scene.post('/responses/compact', {
      model: 'c',
      previous_response_id: parent,
      input: 'And now?',
    });
    expect(status).toBe(200);
    expect(headers.get('x-sluice-provider')).toBe('chat');
    expect(Object.keys(body)).toEqual(['id', 'object', 'created_at', 'output', 'usage']);
    expect(body).toMatchObject({ object: 'response.compaction', usage: { input_tokens: 20, output_tokens: 3 } });
    const output = recordsOf(body['output']);
    expect(output.map(({ type, role }) => [type, role])).toEqual([
      ['message', 'user'],
      ['message', 'user'],
      ['message', 'user'],
      ['compaction', undefined],
    ]);
    const text = (at: number) => recordsOf(output[at]?.['content'])[0]?.['text'];
    expect([text(0), text(1), text(2)]).toEqual(['My colour is blue.', 'My number is 42.', 'And now?']);
    const before = recordsOf((await scene.get(`/responses/${parent}/input_items`)).body['data']).map(({ id }) => id);
    expect(output.filter(({ id }) => before.includes(id))).toEqual([]);
    expect(new Set(output.map(({ id }) => id)).size).toBe(4);
  });

  it('gives items that a chain goes on behind, at another provider', async () => {
    const scene = await runTwoProviders(say);
    const compact = await scene.post('/responses/compact', { model: 'c', previous_response_id: await chainOf(scene) });
    const next = await scene.post('/responses', {
      model: 'g',
      input: [...recordsOf(compact.body['output']), { role: 'user', content: 'Which?' }],
    });
    expect(next.body['status']).toBe('completed');
    expect(scene.asked.at(-1)).toContain(`Summary of the conversation so far: ${SUMMARY}`);
    // What users said is there word for word, what was answered is in the summary.
    expect(scene.asked.at(-1)).toContain('My colour is blue.');
    expect(scene.asked.at(-1)).not.toContain('Noted.');
    const last = await scene.post('/responses', { model: 'c', input: 'Again?', previous_response_id: next.body['id'] });
    expect(last.body['status']).toBe('completed');
    expect(scene.asked.at(-1)).toContain(SUMMARY);
    expect(scene.asked.at(-1)).toContain('Which?');
    expect(scene.asked.at(-1)).toContain('My number is 42.');
  });

  it('is what the OpenAI client gets', async () => {
    const { gateway } = await runTwoProviders(say);
    const compacted = await openaiFor(gateway).responses.compact({ model: 'c', input: 'My colour is blue.' });
    expect(compacted.output.map(({ type }) => type)).toEqual(['message', 'compaction']);
  });

  it('has an id that is no response', async () => {
    const scene = await runTwoProviders(say);
    const { body } = await scene.post('/responses/compact', { model: 'c', input: 'Hello' });
    const child = await scene.post('/responses', { model: 'c', input: 'Hi', previous_response_id: body['id'] });
    expect([child.status, recordOf(child.body['error'])['code']]).toEqual([400, 'previous_response_not_found']);
    expect((await scene.get(`/responses/${body['id']}`)).status).toBe(404);
  });

  it.each([
    ['no model', { input: 'Hello' }, 400, 'model'],
    ['nothing to sum up', { model: 'c' }, 400, 'input'],
    ['an unknown response', { model: 'c', previous_response_id: 'resp_x' }, 400, 'previous_response_id'],
    ['an unknown model', { model: 'nobody', input: 'Hello' }, 404, 'model'],
  ])('refuses %s', async (_, request, status, param) => {
    const { post, asked } = await runTwoProviders(say);
    const answered = await post('/responses/compact', request);
    expect([answered.status, recordOf(answered.body['error'])['param']]).toEqual([status, param]);
    expect(asked).toEqual([]);
  });

  it('is an error where the model says nothing, so that no memory is lost', async () => {
    const { post } = await runTwoProviders(() => ' ');
    const { status, body } = await post('/responses/compact', { model: 'c', input: 'Hello' });
    expect([status, recordOf(body['error'])['code']]).toEqual([502, 'upstream_error']);
  });

  it('is a call: found and cancelled by its id, and on record', async () => {
    const scene = await runTwoProviders(() => null);
    const asked = scene.post('/responses/compact', { model: 'c', input: 'Hello' }, { 'x-request-id': 'mine' });
    await expect.poll(() => scene.asked.length).toBe(1);
    const listed = recordsOf((await scene.get('/requests')).body['data']);
    expect(listed).toMatchObject([{ path: '/v1/responses/compact', model: 'c' }]);
    const url = `${scene.gateway.url}/v1/requests/mine`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
    const { status, headers, body } = await asked;
    expect([status, recordOf(body['error'])['code']]).toEqual([499, 'request_cancelled']);
    expect(headers.get('x-sluice-provider')).toBe('chat');
    const ended = recordsOf((await scene.get('/requests?state=ended')).body['data']);
    expect(ended).toMatchObject([{ path: '/v1/responses/compact', state: 'cancelled' }]);
  });
});

/** Three words to a token: far over every threshold below. */
const LONG = 'word '.repeat(400);
const MANAGED = { context_management: [{ type: 'compaction', compact_threshold: 300 }] };

describe('context_management', () => {
  it('leaves a short conversation as it is', async () => {
    const { post, asked } = await runTwoProviders(say);
    const { body } = await post('/responses', { model: 'c', input: 'Hello', ...MANAGED });
    expect(recordsOf(body['output']).map(({ type }) => type)).toEqual(['message']);
    expect(asked).toHaveLength(1);
  });

  it('sums a long one up first: the summary is the first item, and both calls count', async () => {
    const scene = await runTwoProviders(say);
    const first = await scene.post('/responses', { model: 'c', input: LONG });
    const parent = first.body['id'];
    const { body, headers } = await scene.post('/responses', {
      model: 'c',
      input: 'What is my number?',
      previous_response_id: parent,
      ...MANAGED,
    });
    expect(recordsOf(body['output']).map(({ type }) => type)).toEqual(['compaction', 'message']);
    expect(body['usage']).toMatchObject({ input_tokens: 40, output_tokens: 6, total_tokens: 46 });
    expect(headers.get('x-request-id')).toBe(body['id']);
    const [, task = '', question = ''] = scene.asked;
    expect(isTask(task)).toBe(true);
    expect(question).not.toContain(LONG.trim());
    expect(question).toContain(SUMMARY);
    expect(question).toContain('What is my number?');
    const found = await scene.get(`/responses/${body['id']}`);
    expect(found.body).toEqual(body);
  });

  it('is remembered by the chain, also at another provider, with what the user said last', async () => {
    const scene = await runTwoProviders(say);
    const first = await scene.post('/responses', { model: 'c', instructions: 'Be kind.', input: LONG });
    const second = await scene.post('/responses', {
      model: 'c',
      input: [
        { role: 'developer', content: 'Speak Latin.' },
        { role: 'user', content: 'What is my number?' },
      ],
      previous_response_id: first.body['id'],
      ...MANAGED,
    });
    const third = await scene.post('/responses', {
      model: 'g',
      input: 'Sure?',
      previous_response_id: second.body['id'],
      ...MANAGED,
    });
    expect(recordsOf(third.body['output']).map(({ type }) => type)).toEqual(['message']);
    expect(scene.asked).toHaveLength(4);
    const last = scene.asked.at(-1) ?? '';
    for (const text of [SUMMARY, 'Speak Latin.', 'What is my number?', 'Noted.', 'Sure?']) expect(last).toContain(text);
    expect(last).not.toContain(LONG.trim());
    // What it was asked stays there to be looked at.
    const items = recordsOf((await scene.get(`/responses/${second.body['id']}/input_items?order=asc`)).body['data']);
    expect(items.map(({ type, role }) => [type, role])).toEqual([
      ['message', 'user'],
      ['message', 'assistant'],
      ['message', 'developer'],
      ['message', 'user'],
    ]);
  });

  it('tells the item in a stream, that OpenAI client reads', async () => {
    const { gateway } = await runTwoProviders(say);
    const request = {
      model: 'c',
      input: [
        { role: 'user' as const, content: LONG },
        { role: 'assistant' as const, content: 'Yes.' },
        { role: 'user' as const, content: 'And?' },
      ],
    };
    const context = { context_management: [{ type: 'compaction', compact_threshold: 300 }] };
    const final = await openaiFor(gateway)
      .responses.stream({ ...request, ...context })
      .finalResponse();
    expect(final.output.map(({ type }) => type)).toEqual(['compaction', 'message']);
    const body = JSON.stringify({ ...request, ...context, stream: true });
    const text = await (await fetch(`${gateway.url}/v1/responses`, { method: 'POST', body })).text();
    const types = checkResponsesStream(text).events.map(({ type }) => type);
    expect(types.slice(0, 5)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
    ]);
  });

  it('sums up what tools came to, and goes on in the middle of their use', async () => {
    const scene = await runTwoProviders(say);
    const call = { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' };
    const { body } = await scene.post('/responses', {
      model: 'c',
      input: [
        { role: 'user', content: 'Look it up.' },
        call,
        { type: 'function_call_output', call_id: 'call_1', output: LONG },
      ],
      tools: [{ type: 'function', name: 'look', parameters: {} }],
      ...MANAGED,
    });
    expect(body['status']).toBe('completed');
    const [task = '', question = ''] = scene.asked;
    expect(task).toContain(LONG.trim());
    expect(question).not.toContain(LONG.trim());
    expect(question).toContain('Look it up.');
    expect(question).toContain('"name":"look"');
  });

  it('leaves a conversation whole behind an item of another server, which cannot be read here', async () => {
    const scene = await runTwoProviders(say);
    const foreign = { type: 'compaction', encrypted_content: 'gAAAAAB' };
    const input = [{ role: 'user', content: 'My colour is blue.' }, foreign, { role: 'user', content: 'Hello' }];
    const { body, headers } = await scene.post('/responses', { model: 'c', input });
    expect(headers.get('x-sluice-dropped-params')).toBe('input.compaction');
    await scene.post('/responses', { model: 'c', input: 'Which?', previous_response_id: body['id'] });
    expect(scene.asked.at(-1)).toContain('My colour is blue.');
  });

  it('works at a provider that is asked in the words of its client, for which the summary is a message', async () => {
    const scene = await runTwoProviders(say);
    const first = await scene.post('/responses', { model: 'n', input: LONG });
    const request = { model: 'n', input: 'And?', previous_response_id: first.body['id'], ...MANAGED };
    const { body } = await scene.post('/responses', request);
    expect(recordsOf(body['output']).map(({ type }) => type)).toEqual(['compaction', 'message']);
    expect(body['usage']).toMatchObject({ input_tokens: 40, output_tokens: 6 });
    const last = await scene.post('/responses', { ...request, previous_response_id: body['id'], input: 'Next?' });
    expect(last.body['status']).toBe('completed');
    const { input } = JSON.parse(scene.asked.at(-1) ?? '') as { input: { role: string }[] };
    expect(input.map(({ role }) => role)).toEqual(['user', 'developer', 'assistant', 'user']);
    expect(scene.asked.at(-1)).not.toContain('context_management');
  });

  it('works in conversations and in the background', async () => {
    const scene = await runTwoProviders(say);
    const conversation = (await scene.post('/conversations', { items: [{ role: 'user', content: LONG }] })).body['id'];
    const request = { model: 'c', input: 'And?', conversation, background: true, ...MANAGED };
    const { body } = await scene.post('/responses', request);
    expect(body['status']).toBe('queued');
    const status = async () => (await scene.get(`/responses/${body['id']}`)).body['status'];
    await expect.poll(status).toBe('completed');
    const items = recordsOf((await scene.get(`/conversations/${conversation}/items?order=asc`)).body['data']);
    expect(items.map(({ type }) => type)).toEqual(['message', 'message', 'compaction', 'message']);
    const next = await scene.post('/responses', { model: 'c', input: 'Next?', conversation });
    expect(next.body['status']).toBe('completed');
    expect(scene.asked.at(-1)).not.toContain(LONG.trim());
    expect(scene.asked.at(-1)).toContain(SUMMARY);
  });

  it('fails with the summary, and nothing is kept', async () => {
    const scene = await runTwoProviders((body) => (isTask(body) ? '' : 'Noted.'));
    const { status, body } = await scene.post('/responses', { model: 'c', input: LONG, ...MANAGED });
    expect([status, recordOf(body['error'])['code']]).toEqual([502, 'upstream_error']);
    expect(scene.asked.filter((asked) => !isTask(asked))).toEqual([]);
  });

  it('refuses an unknown model before anything is summed up', async () => {
    const scene = await runTwoProviders(say);
    const { status, body } = await scene.post('/responses', { model: 'unknown', input: LONG, ...MANAGED });
    expect([status, recordOf(body['error'])['param']]).toEqual([404, 'model']);
    expect(scene.asked).toEqual([]);
  });

  it('answers at once in the background, where a cancel ends the summary as well', async () => {
    const scene = await runTwoProviders((body) => (isTask(body) ? null : 'Noted.'));
    const { status, body } = await scene.post('/responses', { model: 'c', input: LONG, background: true, ...MANAGED });
    expect([status, body['status']]).toEqual([200, 'queued']);
    await expect.poll(() => scene.asked.length).toBe(1);
    expect(recordsOf((await scene.get('/requests')).body['data'])).toHaveLength(2);
    const cancelled = await scene.post(`/responses/${body['id']}/cancel`, {});
    expect(cancelled.body).toMatchObject({ status: 'cancelled', output: [] });
    await expect.poll(async () => recordsOf((await scene.get('/requests')).body['data'])).toEqual([]);
    const ended = recordsOf((await scene.get('/requests?state=ended')).body['data']);
    expect(ended).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }]);
    const items = await scene.get(`/responses/${body['id']}/input_items`);
    expect(recordsOf(items.body['data'])).toHaveLength(1);
  });

  it('begins a stream at once; a summary that fails is its end', async () => {
    const scene = await runTwoProviders((body) => (isTask(body) ? ' ' : 'Noted.'));
    const request = JSON.stringify({ model: 'c', input: LONG, stream: true, ...MANAGED });
    const response = await fetch(`${scene.gateway.url}/v1/responses`, { method: 'POST', body: request });
    expect(response.status).toBe(200);
    const { events, response: last } = checkResponsesStream(await response.text());
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'error',
      'response.failed',
    ]);
    expect(events[2]).toMatchObject({ code: 'upstream_error', message: expect.stringContaining('sum up') });
    expect((await scene.get(`/responses/${last['id']}`)).body).toEqual(last);
    expect(scene.asked).toHaveLength(1);
    const waiting = await runTwoProviders(() => null);
    const leaving = new AbortController();
    const { signal } = leaving;
    const pending = await fetch(`${waiting.gateway.url}/v1/responses`, { method: 'POST', body: request, signal });
    const first = await pending.body?.pipeThrough(new TextDecoderStream()).getReader().read();
    expect(first?.value).toContain('event: response.in_progress');
    leaving.abort();
    await expect.poll(async () => recordsOf((await waiting.get('/requests')).body['data'])).toEqual([]);
  });

  it('fails in the background with the error of the summary, and is kept', async () => {
    const scene = await runTwoProviders((body) => (isTask(body) ? ' ' : 'Noted.'));
    const { body } = await scene.post('/responses', { model: 'c', input: LONG, background: true, ...MANAGED });
    const found = async () => (await scene.get(`/responses/${body['id']}`)).body;
    await expect.poll(async () => (await found())['status']).toBe('failed');
    expect((await found())['error']).toEqual({ code: 'server_error', message: expect.stringContaining('sum up') });
  });

  it('counts both calls to the key that asked', async () => {
    const scene = await runTwoProviders(say);
    await scene.post('/responses', { model: 'c', input: LONG, ...MANAGED });
    const ended = recordsOf((await scene.get('/requests?state=ended')).body['data']);
    expect(ended.map(({ path }) => path)).toEqual(['/v1/responses', '/v1/responses']);
    expect(ended[1]?.['key']).toBe(ended[0]?.['key']);
    expect(ended.map(({ usage }) => recordOf(usage)['total_tokens'])).toEqual([23, 23]);
  });
});
