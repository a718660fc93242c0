import { expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { askedFor } from '../support/remote-provider.ts';
import { openRemote } from '../support/remote-scene.ts';
import { NATIVE_USAGE, nativeMessage } from '../support/responses-upstream.ts';
import { answering, describeOnEngines, eventsOf, openScene } from '../support/stored.ts';

const OURS = /^resp_[0-9a-f]{48}$/;

describeOnEngines('what a provider keeps', (createUrl) => {
  it('is asked for as the client wrote it, and stands under an id of ours', async () => {
    const { a, provider } = await openRemote(await createUrl());
    const asked = {
      input: [{ role: 'user', content: 'one' }],
      metadata: { a: 'b' },
      prompt: { id: 'pmpt_1', variables: { x: 'y' } },
      include: ['file_search_call.results'],
      wishes: { of: 'tomorrow' },
    };
    const made = await a.create({ ...asked, fallbacks: ['other'] });
    expect(askedFor(provider)).toEqual({ ...asked, model: 'gpt-6' });
    expect(made.id).toMatch(OURS);
    const [theirs = ''] = provider.kept('k1');
    expect(JSON.stringify(made.body)).not.toContain(theirs);
    expect(made.body).toMatchObject({
      model: 'm',
      previous_response_id: null,
      store: true,
      metadata: { a: 'b' },
      of_tomorrow: { a: 1 },
      output: [nativeMessage('answer 1', { id: 'msg_there_1' })],
      usage: NATIVE_USAGE,
    });
    expect(made.headers.get('x-sluice-provider')).toBe('ai');
    expect((await a.get(`responses/${made.id}?include[]=x`)).body).toEqual(made.body);
    expect(provider.requests.at(-1)).toMatchObject({ method: 'GET', path: `/v1/responses/${theirs}?include%5B%5D=x` });
  });

  it('is followed there, by its owner alone', async () => {
    const { a, b, provider } = await openRemote(await createUrl());
    const first = await a.create({ input: 'one' });
    const output = { type: 'function_call_output', call_id: 'call_there', output: 'ok' };
    const next = await a.create({ model: 'm2', input: [output], previous_response_id: first.id });
    const [theirs] = provider.kept('k1');
    expect(askedFor(provider)).toEqual({ model: 'gpt-6-mini', input: [output], previous_response_id: theirs });
    expect(next.body).toMatchObject({ previous_response_id: first.id, model: 'm2' });
    const asked = provider.requests.length;
    const foreign = await b.create({ input: 'two', previous_response_id: first.id });
    const unknown = await b.create({ input: 'two', previous_response_id: theirs });
    expect([foreign.status, foreign.error['code']]).toEqual([400, 'previous_response_not_found']);
    expect(foreign.error['message']).toBe(`Previous response with id '${first.id}' not found.`);
    expect([unknown.status, unknown.error['code']]).toEqual([400, 'previous_response_not_found']);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '?stream=true'],
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['GET', '/input_items'],
    ] as const) {
      const refused = await b.ask(method, `responses/${first.id}${path}`);
      expect([method, path, refused.status, refused.error['message']]).toEqual([
        method,
        path,
        404,
        `Response with id '${first.id}' not found.`,
      ]);
      expect((await a.ask(method, `responses/${theirs}${path}`)).status).toBe(404);
    }
    expect(provider.requests).toHaveLength(asked);
  });

  it('lists what it was asked, and is erased there and here', async () => {
    const { a, provider } = await openRemote(await createUrl());
    const { id } = await a.create({ input: 'one' });
    const list = await a.get(`responses/${id}/input_items?limit=5&order=asc&other=x`);
    expect(list.body).toMatchObject({ data: [{ content: 'one' }], asked: 'limit=5&order=asc' });
    expect((await a.get(`responses/${id}/input_items?limit=0`)).status).toBe(400);
    const refused = await a.ask('POST', `responses/${id}/cancel`);
    expect([refused.status, refused.error['message']]).toEqual([400, 'Cannot cancel a synchronous response.']);
    expect((await a.ask('DELETE', `responses/${id}`)).body).toEqual({ id, object: 'response.deleted', deleted: true });
    expect(provider.kept('k1')).toEqual([]);
    const asked = provider.requests.length;
    expect((await a.get(`responses/${id}`)).status).toBe(404);
    expect((await a.create({ input: 'x', previous_response_id: id })).status).toBe(400);
    expect(provider.requests).toHaveLength(asked);
    const gone = await a.create({ input: 'two' });
    await a.ask('DELETE', `responses/${gone.id}`);
    expect((await a.ask('DELETE', `responses/${gone.id}`)).status).toBe(404);
  });

  it('is gone where the provider has forgotten it, under our id as well', async () => {
    const { a, provider } = await openRemote(await createUrl());
    const { id } = await a.create({ input: 'one' });
    const [theirs = ''] = provider.kept('k1');
    await fetch(`${provider.url}/v1/responses/${theirs}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer k1' },
    });
    const missing = await a.get(`responses/${id}`);
    expect([missing.status, missing.error]).toEqual([
      404,
      { message: `Response with id '${id}' not found.`, type: 'invalid_request_error', param: null, code: null },
    ]);
    const child = await a.create({ input: 'two', previous_response_id: id });
    expect([child.status, child.error]).toEqual([
      400,
      {
        message: `Previous response with id '${id}' not found.`,
        type: 'invalid_request_error',
        param: 'previous_response_id',
        code: 'previous_response_not_found',
      },
    ]);
    expect((await a.ask('DELETE', `responses/${id}`)).status).toBe(200);
  });

  it('runs in its background, and is asked for, cancelled and listened to there', async () => {
    const { a, provider } = await openRemote(await createUrl());
    const made = await a.create({ input: 'dig', background: true });
    expect([made.status, made.body['status'], made.body['background']]).toEqual([200, 'queued', true]);
    expect(made.id).toMatch(OURS);
    expect((await a.get(`responses/${made.id}`)).body['status']).toBe('queued');
    const other = await a.create({ input: 'dig', background: true, store: false });
    expect((await a.ask('POST', `responses/${made.id}/cancel`)).body).toMatchObject({
      id: made.id,
      status: 'cancelled',
    });
    expect(other.id).toMatch(OURS);
    const third = await a.create({ input: 'dig', background: true });
    provider.finish();
    const ended = await a.get(`responses/${third.id}`);
    expect(ended.body).toMatchObject({ id: third.id, model: 'm', status: 'completed', usage: NATIVE_USAGE });
    const [said] = recordsOf(ended.body['output']);
    const next = await a.create({ input: [{ type: 'item_reference', id: said?.['id'] }] });
    expect(next.status).toBe(200);
  });

  it('is streamed under our id with the numbers of the provider, and can be read again', async () => {
    const { a, provider } = await openRemote(await createUrl());
    const first = await a.create({ input: 'one' });
    const asked = { input: 'two', stream: true, background: true, previous_response_id: first.id };
    const streamed = await a.open('POST', 'responses', { model: 'm', ...asked });
    const events = eventsOf(await streamed.text());
    const [theirFirst, theirs = ''] = provider.kept('k1');
    expect(JSON.stringify(events)).not.toContain(theirs);
    expect(JSON.stringify(events)).not.toContain(theirFirst);
    const lifecycle = events.flatMap(({ response }) => (response === undefined ? [] : [recordOf(response)]));
    const id = String(lifecycle[0]?.['id']);
    expect(id).toMatch(OURS);
    for (const response of lifecycle) {
      expect(response).toMatchObject({ id, model: 'm', previous_response_id: first.id, of_tomorrow: { a: 1 } });
    }
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: NATIVE_USAGE } });
    const again = await a.open('GET', `responses/${id}?stream=true`);
    expect(eventsOf(await again.text())).toEqual(events);
    const rest = await a.open('GET', `responses/${id}?stream=true&starting_after=2`);
    expect(eventsOf(await rest.text())).toEqual(events.slice(3));
    expect(provider.requests.at(-1)?.path).toBe(`/v1/responses/${theirs}?stream=true&starting_after=2`);
  });

  it('keeps to the key that made it', async () => {
    const { a, provider } = await openRemote(await createUrl(), ['k1', 'k2', 'k3']);
    const made = [await a.create({ input: '1' }), await a.create({ input: '2' }), await a.create({ input: '3' })];
    expect(['k1', 'k2', 'k3'].map((key) => provider.kept(key).length)).toEqual([1, 1, 1]);
    for (const { id } of [...made, ...made]) {
      const next = await a.create({ input: 'more', previous_response_id: id });
      expect([next.status, next.body['previous_response_id']]).toEqual([200, id]);
      expect((await a.get(`responses/${next.id}`)).status).toBe(200);
    }
    const items = made.map(({ body }) => ({ type: 'item_reference', id: recordsOf(body['output'])[0]?.['id'] }));
    expect((await a.create({ input: [items[1]] })).status).toBe(200);
    expect(provider.requests.at(-1)?.headers.authorization).toBe('Bearer k2');
    expect((await a.create({ input: items })).status).toBe(400);
  });

  it('has items that their owner alone can refer to', async () => {
    const { a, b, provider } = await openRemote(await createUrl());
    const { body } = await a.create({ input: 'one' });
    const reference = { type: 'item_reference', id: recordsOf(body['output'])[0]?.['id'] };
    const thought = { type: 'reasoning', id: 'msg_there_1', summary: [] };
    const asked = provider.requests.length;
    const image = { type: 'image_generation_call', id: 'msg_there_1', status: 'completed', result: null };
    for (const item of [reference, thought, image, { type: 'reasoning', id: 'rs_guessed', summary: [] }]) {
      const refused = await b.create({ input: [item] });
      expect([refused.status, refused.error['message']]).toEqual([400, `Item with id '${item.id}' not found.`]);
    }
    expect((await a.create({ model: 'other', input: [reference] })).status).toBe(400);
    // An item of the same name, by which the provider would look the other one up.
    await b.create({ model: 'other', input: [thought], stream: true });
    const sealed = `sl1.${Buffer.from('{"v":1,"provider":"openai","kind":"encrypted-reasoning","data":"","answered_by":"ai"}').toString('base64url')}`;
    for (const input of [[reference], [thought], [{ type: 'item_reference', id: thought.id }, thought]]) {
      expect((await b.create({ input })).status).toBe(400);
    }
    expect(provider.requests).toHaveLength(asked);
    await b.create({
      input: [
        { ...thought, encrypted_content: sealed },
        { role: 'user', content: 'x' },
      ],
    });
    expect(askedFor(provider)['input']).toEqual([{ role: 'user', content: 'x' }]);
    const input = [reference, thought, image, { role: 'user', content: 'two' }];
    expect((await a.create({ input })).status).toBe(200);
    expect(askedFor(provider)['input']).toEqual(input);
  });

  it('has items that no other owner reaches as a member of a group, where nothing is kept', async () => {
    const { a, b, provider } = await openRemote(await createUrl());
    await a.create({ input: 'one' });
    const words = { role: 'user', content: 'x' };
    for (const item of [
      { type: 'image_generation_call', id: 'msg_there_1', status: 'completed', result: null },
      { type: 'web_search_call', id: 'msg_there_1', status: 'completed' },
      // By now there is one of this name that is their own.
      { id: 'msg_there_1' },
    ]) {
      const made = await b.create({ model: 'both', input: [item, words] });
      expect([made.status, made.headers.get('x-sluice-provider')]).toEqual([200, 'ai']);
      expect(made.headers.get('x-sluice-dropped-params')).toMatch(/^input\.(image_generation|web_search)_call$/);
      expect(askedFor(provider)['input']).toEqual([words]);
    }
  });

  it('and what the gateway keeps never follow each other', async () => {
    const { a, provider, other } = await openRemote(await createUrl());
    const theirs = await a.create({ input: 'one' });
    other.answer(answering(() => 'here'));
    const here = await a.create({ model: 'other', input: 'one' });
    const asked = [provider.requests.length, other.requests.length];
    const there = await a.create({ input: 'two', previous_response_id: here.id });
    expect([there.status, there.error['code'], there.error['message']]).toEqual([
      400,
      'previous_response_not_found',
      expect.stringContaining("is kept by the gateway, and not by the provider 'ai'"),
    ]);
    for (const [path, body] of [
      ['responses', { input: 'two' }],
      ['responses', { input: 'two', background: true }],
      ['responses/compact', {}],
      ['responses/input_tokens', { input: 'two' }],
    ] as const) {
      const back = await a.ask('POST', path, { model: 'other', previous_response_id: theirs.id, ...body });
      expect([path, back.status, back.error['code'], back.error['message']]).toEqual([
        path,
        400,
        'previous_response_not_found',
        expect.stringContaining("is kept by its provider 'ai'"),
      ]);
    }
    const { id: conversation } = await a.ask('POST', 'conversations', {});
    for (const named of [conversation, { id: conversation }, 'conv_of_the_provider']) {
      const refused = await a.create({ input: 'x', conversation: named });
      expect([refused.status, refused.error['param']]).toEqual([400, 'conversation']);
    }
    expect([provider.requests.length, other.requests.length]).toEqual(asked);
  });

  it('is found by no gateway that does not know the provider, and followed by none', async () => {
    const url = await createUrl();
    const { a } = await openRemote(url);
    const { id } = await a.create({ input: 'one' });
    const { a: elsewhere } = await openScene(url);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '?stream=true'],
      ['DELETE', ''],
    ] as const) {
      const refused = await elsewhere.ask(method, `responses/${id}${path}`);
      expect([refused.status, refused.error['message']]).toEqual([
        404,
        `Response with id '${id}' cannot be asked for: its provider 'ai' is configured no longer, or has no key.`,
      ]);
    }
    expect((await elsewhere.create({ input: 'x', previous_response_id: id })).status).toBe(400);
  });
});
