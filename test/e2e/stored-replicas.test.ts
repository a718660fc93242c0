import { expect, it } from 'vitest';
import {
  answering,
  describeOnEngines,
  eventsOf,
  openScene,
  stalling,
  toldTo,
  typesOf,
  wordsOf,
} from '../support/stored.ts';

const ASKED = { model: 'm', input: 'one', background: true, stream: true };

describeOnEngines('two gateways on one database', (createUrl) => {
  it('go on with each other’s chains, and keep to each other’s locks', async () => {
    const url = await createUrl();
    const [one, other] = [await openScene(url), await openScene(url)];
    const first = await one.a.create({ input: 'one' });
    await other.a.create({ input: 'two', previous_response_id: first.id });
    expect(toldTo(other.upstream)).toEqual(['user: one', 'assistant: answer 1', 'user: two']);
    const { id } = await one.a.ask('POST', 'conversations', {});
    one.upstream.answer(stalling('so ', 'far'));
    const turn = await one.a.create({ input: 'one', conversation: id, background: true });
    await one.upstream.request(2);
    const refused = await other.a.create({ input: 'two', conversation: id });
    expect([refused.status, refused.error['code']]).toEqual([400, 'conversation_locked']);
    expect((await other.a.get('conversations')).body['data']).toMatchObject([{ id, running: turn.id }]);
    one.upstream.release();
    await expect.poll(async () => (await other.a.get(`responses/${turn.id}`)).body['status']).toBe('completed');
    other.upstream.answer(answering(() => 'then'));
    expect((await other.a.create({ input: 'two', conversation: id })).status).toBe(200);
    expect(toldTo(other.upstream)).toEqual(['user: one', 'assistant: so far', 'user: two']);
  });

  it('follow and cancel what runs in the other', async () => {
    const url = await createUrl();
    const [one, other] = [await openScene(url), await openScene(url)];
    one.upstream.answer(stalling('so ', 'far'));
    const mine = await one.a.open('POST', 'responses', ASKED);
    await one.upstream.request(1);
    const id = mine.headers.get('x-request-id') ?? '';
    expect((await other.a.get(`responses/${id}`)).body['status']).toBe('in_progress');
    const following = await other.a.open('GET', `responses/${id}?stream=true`);
    const said = async () => wordsOf((await other.a.get(`responses/${id}`)).body['output']);
    await expect.poll(said).toEqual(['so ']);
    const cancelled = await other.a.ask('POST', `responses/${id}/cancel`);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', output: [{ status: 'incomplete' }] });
    expect(wordsOf(cancelled.body['output'])).toEqual(['so ']);
    expect((await other.a.ask('POST', `responses/${id}/cancel`)).body).toEqual(cancelled.body);
    // Its process finds out when it renews the lease.
    await one.upstream.requests[0]?.closed;
    const events = eventsOf(await mine.text());
    expect(typesOf(events).slice(-2)).toEqual(['error', 'incomplete']);
    expect(eventsOf(await following.text())).toEqual(events);
    expect((await one.a.get(`responses/${id}`)).body).toEqual(cancelled.body);
  });
});
