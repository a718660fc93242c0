import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { openRemote } from '../support/remote-scene.ts';
import {
  nativeEvents,
  nativeMessage,
  nativeResponse,
  nativeStream,
  nativeTexts,
} from '../support/responses-upstream.ts';
import { eventsOf, type StoredClient } from '../support/stored.ts';

const openScene = () => openRemote(`sqlite:${makeTemporaryFolder('remote')}/s.db`);

const SAID = nativeMessage('so far and further');

/** What is told to a client that reads a response again. */
async function readAgain(client: StoredClient, id: string): Promise<readonly JsonRecord[]> {
  return eventsOf(await (await client.open('GET', `responses/${id}?stream=true`)).text());
}

describe('a stream of what a provider keeps', () => {
  it('ends as its provider says, also where another request has seen the end before', async () => {
    const { a, provider } = await openScene();
    const answer = nativeStream(nativeEvents([SAID]));
    const body = String(answer.body);
    provider.instead({ ...answer, stallAfterBytes: body.lastIndexOf('event:', body.indexOf('"delta":"far')) });
    const reading = await a.open('POST', 'responses', { model: 'm', input: 'one', stream: true });
    const id = reading.headers.get('x-request-id') ?? '';
    provider.instead({ body: JSON.stringify(nativeResponse({ status: 'completed', output: [SAID] })) });
    expect((await a.get(`responses/${id}`)).body).toMatchObject({ id, status: 'completed' });
    provider.release();
    const told = eventsOf(await reading.text());
    expect(told.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } });
    expect(told.map(({ type }) => type)).not.toContain('error');
  });

  it('that is read again has its end noted before it is told: its items can be referred to', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one', background: true });
    provider.finish();
    const told = await readAgain(a, id);
    expect(told.at(-1)).toMatchObject({ type: 'response.completed', response: { id } });
    const [said] = recordsOf(recordOf(told.at(-1)?.['response'])['output']);
    expect((await a.create({ input: [{ type: 'item_reference', id: said?.['id'] }] })).status).toBe(200);
  });

  it('that is closed before its end is told to be broken off', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one', background: true });
    const texts = nativeTexts(nativeEvents([SAID])).slice(0, 3);
    const headers = { 'content-type': 'text/event-stream' };
    provider.instead({ headers, body: texts.map((text) => `data: ${text}\n\n`).join('') });
    const told = await readAgain(a, id);
    expect(told.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'error',
    ]);
    expect(told.at(-1)).toMatchObject({ sequence_number: 3, code: 'upstream_stream_interrupted' });
    provider.instead({ headers, body: `data: {"type":"error","sequence_number":0,"message":"Gone."}\n\n` });
    expect(await readAgain(a, id)).toEqual([{ type: 'error', sequence_number: 0, message: 'Gone.' }]);
  });

  it('that is none is an error, which tells nothing of what came instead', async () => {
    const { a, provider } = await openScene();
    const { id } = await a.create({ input: 'one', background: true });
    const headers = { 'content-type': 'text/event-stream' };
    for (const answer of [{ body: JSON.stringify(nativeResponse()) }, { headers, body: 'data: nothing\n\n' }]) {
      provider.instead(answer);
      const refused = await a.get(`responses/${id}?stream=true`);
      expect([refused.status, refused.error['code']]).toEqual([502, 'upstream_error']);
      expect(refused.error['message']).toBe('The provider answered with something else than events.');
    }
  });
});
