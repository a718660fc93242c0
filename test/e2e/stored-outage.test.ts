import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../lab/postgres-server.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { NO_POSTGRES } from '../support/postgres.ts';
import { askedFor } from '../support/remote-provider.ts';
import { openRemote } from '../support/remote-scene.ts';
import { eventsOf, openScene, stalling } from '../support/stored.ts';

let server: PostgresServer;

describe.skipIf(NO_POSTGRES)('a gateway whose store is away', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it('refuses what needs it with 503, answers all else with store: false, and goes on when it is back', async () => {
    const { a, gateway, upstream } = await openScene(server.url);
    const before = await a.create({ input: 'one' });
    const { id } = await a.ask('POST', 'conversations', {});
    await server.kill();
    for (const [what, refused] of [
      ['background', await a.create({ input: 'x', background: true })],
      ['unstored background', await a.create({ input: 'x', background: true, store: false })],
      ['conversation', await a.create({ input: 'x', conversation: id })],
      ['parent', await a.create({ input: 'x', previous_response_id: before.id })],
      ['reference', await a.create({ input: [{ type: 'item_reference', id: 'msg_x' }] })],
      ['store', await a.create({ input: 'x', store: true })],
      ['GET', await a.get(`responses/${before.id}`)],
      ['stream', await a.get(`responses/${before.id}?stream=true`)],
      ['DELETE', await a.ask('DELETE', `responses/${before.id}`)],
      ['list', await a.get('conversations')],
      ['new', await a.ask('POST', 'conversations', {})],
      ['export', await a.get(`conversations/${id}/export`)],
    ] as const) {
      expect([what, refused.status, refused.error['code']]).toEqual([what, 503, 'store_unavailable']);
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    expect(upstream.requests).toHaveLength(1);
    const whole = await a.create({ input: 'two' });
    expect([whole.status, whole.body['store'], whole.body['status']]).toEqual([200, false, 'completed']);
    expect((await a.create({ input: 'two', store: false })).status).toBe(200);
    const storesOf = async (): Promise<readonly unknown[]> => {
      const response = await a.open('POST', 'responses', { model: 'm', input: 'two', stream: true });
      const events = eventsOf(await response.text()).filter((event) => event['response'] !== undefined);
      return events.map((event) => recordOf(event['response'])['store']);
    };
    // The first answers find out at their end; as soon as it is known, it is said from the beginning.
    expect((await storesOf()).at(-1)).toBe(false);
    await expect.poll(storesOf).toEqual([false, false, false]);
    expect(gateway.log.join()).toContain('an answer was not kept');

    await server.start();
    await expect.poll(async () => (await a.create({ input: 'three' })).body['store']).toBe(true);
    expect((await a.create({ input: 'four', previous_response_id: before.id })).status).toBe(200);
  });

  it('tells the client of a conversation that its turn was not kept, and of a background one in its object', async () => {
    const { a, upstream } = await openScene(server.url);
    const { id } = await a.ask('POST', 'conversations', {});
    upstream.answer(stalling('so ', 'far'));
    const asked = a.create({ input: 'one', conversation: id });
    await upstream.request(1);
    await server.kill();
    upstream.release();
    const made = await asked;
    expect([made.status, made.body['status'], made.body['store']]).toEqual([200, 'completed', false]);
    await server.start();
    // What it left is found by its lease: nothing of it is in the conversation, which is free again.
    await expect
      .poll(async () => (await a.get(`responses/${made.id}`)).body['status'], { timeout: 30_000, interval: 250 })
      .toBe('failed');
    expect((await a.get(`conversations/${id}/items`)).ids).toEqual([]);
    upstream.answer(stalling());
    expect((await a.create({ input: 'two', conversation: id, background: true })).status).toBe(200);
  });

  it('asks no provider to keep what could be found by nothing', async () => {
    const { a, provider } = await openRemote(server.url);
    const before = await a.create({ input: 'one' });
    await server.kill();
    const asked = provider.requests.length;
    for (const [what, refused] of [
      ['background', await a.create({ input: 'x', background: true })],
      ['unstored background', await a.create({ input: 'x', background: true, store: false })],
      ['parent', await a.create({ input: 'x', previous_response_id: before.id })],
      ['reference', await a.create({ input: [{ type: 'item_reference', id: 'msg_there_1' }] })],
      ['store', await a.create({ input: 'x', store: true })],
      ['GET', await a.get(`responses/${before.id}`)],
      ['cancel', await a.ask('POST', `responses/${before.id}/cancel`)],
    ] as const) {
      expect([what, refused.status, refused.error['code']]).toEqual([what, 503, 'store_unavailable']);
    }
    expect(provider.requests).toHaveLength(asked);
    await expect
      .poll(async () => [(await a.create({ input: 'two' })).body['store'], askedFor(provider)['store']])
      .toEqual([false, false]);
    await server.start();
    await expect.poll(async () => (await a.get(`responses/${before.id}`)).status).toBe(200);
  });
});
