import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { blobsIn } from '../conversations/kept-blobs.ts';
import { describeOnEngines, openScene } from '../support/stored.ts';
import type { TestUpstream } from '../support/upstream.ts';

const PICTURE = `data:image/png;base64,${randomBytes(90_000).toString('base64')}`;
const look = { role: 'user', content: [{ type: 'input_image', image_url: PICTURE }] };
const readout = { type: 'function_call_output', call_id: 'call_1', output: PICTURE };
const call = { type: 'function_call', call_id: 'call_1', name: 'shoot', arguments: '{}' };

/** How often a text has the picture; a test that fails prints no picture. */
function pictures(value: unknown): number {
  return JSON.stringify(value).split(PICTURE).length - 1;
}

function asked({ requests }: TestUpstream): number {
  return pictures(requests.at(-1)?.body);
}

describeOnEngines('large data in what is kept', (createUrl) => {
  it('is told to the model and to the client whole, and kept once', async () => {
    const url = await createUrl();
    const { a, b, upstream } = await openScene(url);
    const first = await a.create({ input: [look] });
    const second = await a.create({ input: [look, call, readout], previous_response_id: first.id });
    const third = await a.create({ input: 'And now?', previous_response_id: second.id });
    expect([second.status, third.status, asked(upstream)]).toEqual([200, 200, 3]);
    const items = (await a.get(`responses/${third.id}/input_items`)).body['data'];
    expect(pictures(items)).toBe(3);
    await b.create({ input: [look] });
    expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([3, 1]);
    const reference = { type: 'item_reference', id: recordsOf(items).at(-1)?.['id'] };
    await a.create({ input: [reference], store: false });
    expect(asked(upstream)).toBe(1);
    for (const { id } of [first, second, third]) await a.ask('DELETE', `responses/${id}`);
    expect((await blobsIn(url)).map(({ owner }) => owner)).toEqual(['key:b']);
  });

  it('is whole in a conversation, in its export and in a fork, and goes with the last of them', async () => {
    const url = await createUrl();
    const { a, upstream } = await openScene(url);
    const { id } = await a.ask('POST', 'conversations', { items: [look] });
    await a.create({ input: [look], conversation: id });
    expect(asked(upstream)).toBe(2);
    const list = await a.get(`conversations/${id}/items?order=asc`);
    const exported = await a.get(`conversations/${id}/export?format=json`);
    expect([pictures(list.body), pictures(exported.body)]).toEqual([2, 2]);
    const fork = await a.ask('POST', `conversations/${id}/fork`, { after_item: list.ids[0] });
    expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([3]);
    await a.ask('DELETE', `conversations/${id}`);
    expect(pictures((await a.get(`conversations/${fork.id}/items/${list.ids[0]}`)).body)).toBe(1);
    await a.ask('DELETE', `conversations/${fork.id}/items/${list.ids[0]}`);
    expect(await blobsIn(url)).toEqual([]);
  });

  it('counts whole, however often it is kept (max_thread)', async () => {
    const { a } = await openScene(await createUrl(), { responses: '{ max_thread: 300kb }' });
    const { id } = await a.ask('POST', 'conversations', { items: [look, look] });
    const refused = await a.ask('POST', `conversations/${id}/items`, { items: [look] });
    expect([refused.status, refused.error['code']]).toEqual([400, 'thread_too_large']);
    const first = await a.create({ input: [look, look] });
    const second = await a.create({ input: [look], previous_response_id: first.id });
    expect([second.status, second.error['code']]).toEqual([400, 'thread_too_large']);
  });
});
