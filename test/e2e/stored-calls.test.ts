import { expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { describeOnEngines, openScene, type StoredScene, stalling } from '../support/stored.ts';

const NAMED = { 'x-request-id': 'mine' };

const SETTINGS = { more: 'usage: { keep: 1d }\nmetrics: { public: true }' };

async function recordOfCall({ a }: StoredScene, id: string): Promise<unknown> {
  const records = recordsOf((await a.get('usage/records')).body['data']);
  return records.find((record) => record['id'] === id);
}

describeOnEngines('a call of the Responses API', (createUrl) => {
  it('is named by its response, and by what its client called it', async () => {
    const scene = await openScene(await createUrl());
    const { a, upstream } = scene;
    const plain = await a.create({ input: 'one' });
    expect(plain.headers.get('x-request-id')).toBe(plain.id);
    upstream.answer({ ...chatCompletion('Hi'), stallAfterBytes: 3 });
    const asked = a.create({ input: 'one' }, NAMED);
    await upstream.request(2);
    const byName = await a.get('requests/mine');
    expect(byName.body).toMatchObject({ id: expect.stringMatching(/^resp_/), state: expect.any(String) });
    expect((await a.get(`requests/${byName.id}`)).body).toMatchObject({ id: byName.id });
    const again = await a.create({ input: 'x' }, NAMED);
    expect([again.status, again.error['code']]).toEqual([409, 'request_id_in_use']);
    const chat = await a.ask('POST', 'chat/completions', { model: 'm', messages: [] }, NAMED);
    expect([chat.status, chat.error['code']]).toEqual([400, expect.anything()]);
    upstream.release();
    const made = await asked;
    expect([made.id, made.headers.get('x-request-id')]).toEqual([byName.id, 'mine']);
    expect((await a.get('requests/mine')).body['state']).toBe('completed');
  });

  it('gives its name back: the next call of that name is found under it', async () => {
    const { a, upstream } = await openScene(await createUrl());
    const first = await a.create({ input: 'one' }, NAMED);
    const second = await a.create({ input: 'two' }, NAMED);
    expect((await a.get('requests/mine')).id).toBe(second.id);
    expect((await a.get(`requests/${first.id}`)).status).toBe(200);
    upstream.answer(stalling('so ', 'far'));
    const messages = [{ role: 'user', content: 'three' }];
    const chat = a.ask('POST', 'chat/completions', { model: 'm', messages }, NAMED);
    await upstream.request(3);
    const clash = await a.create({ input: 'four', background: true }, NAMED);
    expect([clash.status, clash.error['code']]).toEqual([409, 'request_id_in_use']);
    expect((await a.ask('DELETE', 'requests/mine')).body).toMatchObject({ id: 'mine', cancelled: true });
    expect((await chat).error['code']).toBe('request_cancelled');
  });

  it('is cancelled under either name, in the foreground and in the background', async () => {
    const { a, upstream } = await openScene(await createUrl());
    upstream.answer(stalling('so ', 'far'));
    const asked = a.create({ input: 'one' }, NAMED);
    await upstream.request(1);
    const { id } = await a.get('requests/mine');
    const synchronous = await a.ask('POST', `responses/${id}/cancel`);
    expect([synchronous.status, synchronous.error['message']]).toEqual([400, expect.stringContaining('synchronous')]);
    expect((await a.ask('DELETE', 'requests/mine')).body).toMatchObject({ id, cancelled: true, state: 'cancelled' });
    const cancelled = await asked;
    expect([cancelled.status, cancelled.error['code']]).toEqual([499, 'request_cancelled']);
    await upstream.requests[0]?.closed;
    for (const [at, name] of ['other', ''].entries()) {
      const headers = name === '' ? {} : { 'x-request-id': name };
      const made = await a.create({ input: 'one', background: true }, headers);
      await upstream.request(at + 2);
      expect((await a.ask('DELETE', `requests/${name || made.id}`)).body['cancelled']).toBe(true);
      await expect.poll(async () => (await a.get(`responses/${made.id}`)).body['status']).toBe('cancelled');
      await upstream.requests[at + 1]?.closed;
      expect((await a.ask('DELETE', `requests/${made.id}`)).body['state']).toBe('cancelled');
    }
  });

  it('says in its headers who answered, whole and streamed, and what was dropped', async () => {
    const { a } = await openScene(await createUrl());
    const { id } = await a.ask('POST', 'conversations', {});
    for (const body of [{}, { stream: true }, { conversation: id }, { conversation: id, stream: true }]) {
      const response = await a.open('POST', 'responses', { model: 'm-alias', input: 'x', max_tool_calls: 3, ...body });
      await response.text();
      const { headers } = response;
      expect([response.status, headers.get('x-sluice-model'), headers.get('x-sluice-provider')]).toEqual([
        200,
        'm',
        'up',
      ]);
      expect([headers.get('x-sluice-attempts'), headers.get('x-sluice-dropped-params')]).toEqual([
        '1',
        'max_tool_calls',
      ]);
      expect(headers.get('x-sluice-overhead-ms')).toMatch(/^\d+\.\d\d$/);
      expect(headers.get('x-request-id')).toMatch(/^resp_/);
    }
    const refused = await a.create({ input: 'x', max_tool_calls: 3 }, { 'x-sluice-strict': 'true' });
    expect([refused.status, refused.error['param']]).toEqual([400, 'max_tool_calls']);
  });

  it('is on record, once, with what it cost, and counted by the metrics', async () => {
    const scene = await openScene(await createUrl(), SETTINGS);
    const { a, upstream } = scene;
    const { id: conversation } = await a.ask('POST', 'conversations', {});
    const made = [
      await a.create({ input: 'one', user: 'ann', metadata: { team: 'x' } }),
      await a.create({ input: 'one', background: true }),
      await a.create({ input: 'one', conversation }),
    ];
    for (const { id } of made) {
      await expect
        .poll(() => recordOfCall(scene, id))
        .toMatchObject({
          ...{ path: '/v1/responses', key: 'a', model: 'm', outcome: 'completed', status: 200, attempts: 1 },
          ...{ requested_model: 'm', finish_reason: 'stop', completion_tokens: expect.any(Number) },
        });
    }
    expect(await recordOfCall(scene, made[0]?.id ?? '')).toMatchObject({ user: 'ann', metadata: { team: 'x' } });
    upstream.answer(stalling('so ', 'far'));
    const cancelled = await a.create({ input: 'one', background: true });
    await upstream.request(4);
    await a.ask('POST', `responses/${cancelled.id}/cancel`);
    await expect
      .poll(() => recordOfCall(scene, cancelled.id))
      .toMatchObject({ outcome: 'cancelled', status: 499, error_code: 'request_cancelled' });
    const { body } = await a.get('usage');
    expect(recordOf(body['total'])['calls']).toBe(4);
    const metrics = await (await fetch(`${scene.gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/^sluice_calls_total\{[^}]*model="m"[^}]*\} [34]$/m);
    expect((await a.get('requests')).body['data']).toEqual([]);
  });
});
