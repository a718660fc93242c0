import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { named, openUpload, type PassthroughScene, runPassthrough } from '../support/passthrough.ts';

/** Below every deadline that could close it instead; that it is 50 ms is held by `npm run bench -- cancel`, on an idle machine. */
const MAX_CLOSE_MS = 8000;

async function summary({ ask }: PassthroughScene, id: string): Promise<unknown> {
  return (await ask(`/v1/requests/${id}`)).json();
}

describe('DELETE /v1/requests/:id cancels a passthrough request', () => {
  async function cancel({ ask }: PassthroughScene, closed: Promise<void>): Promise<void> {
    const startedAt = performance.now();
    const [answer] = await Promise.all([ask('/v1/requests/mine', { method: 'DELETE' }), closed]);
    expect(performance.now() - startedAt).toBeLessThan(MAX_CLOSE_MS);
    expect([answer.status, await answer.json()]).toMatchObject([200, { cancelled: true, path: '/v1/files' }]);
  }

  it('that waits for its answer with 499, and aborts the provider request at once', async () => {
    const scene = await runPassthrough({ isSilent: true });
    const asked = scene.ask('/v1/files', named('mine'));
    const { closed } = await scene.upstream.request(1);
    const list = recordOf(await (await scene.ask('/v1/requests')).json());
    expect(list['data']).toMatchObject([
      { id: 'mine', path: '/v1/files', state: 'waiting', attempts: [{ number: 1, provider: 'up' }] },
    ]);
    await cancel(scene, closed);
    const response = await asked;
    expect([response.status, await response.json()]).toMatchObject([499, { error: { code: 'request_cancelled' } }]);
    expect(await scene.record()).toMatchObject({ outcome: 'cancelled', status: 499, error_code: 'request_cancelled' });
    const again = await scene.ask('/v1/requests/mine', { method: 'DELETE' });
    expect([again.status, await again.json()]).toMatchObject([200, { state: 'cancelled' }]);
  });

  it('whose answer has begun by breaking the answer off', async () => {
    const scene = await runPassthrough({ body: 'x'.repeat(2000), stallAfterBytes: 1000 });
    const response = await scene.ask('/v1/files', named('mine'));
    const text = response.text();
    text.catch(() => undefined);
    const [request] = scene.upstream.requests;
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ response_bytes: 1000 });
    await cancel(scene, request?.closed ?? Promise.resolve());
    await expect(text).rejects.toThrow();
    expect(await scene.record()).toMatchObject({ outcome: 'cancelled', status: 499, response_bytes: 1000 });
  });

  it('whose upload is still being sent with 499, although the rest is not read', async () => {
    const scene = await runPassthrough();
    const upload = openUpload(scene.gateway, 'mine');
    const answered = once(upload, 'response');
    upload.write('x'.repeat(1000));
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ request_bytes: 1000 });
    await scene.ask('/v1/requests/mine', { method: 'DELETE' });
    upload.write('x'.repeat(40_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(499);
    upload.end();
    expect(scene.upstream.requests).toHaveLength(0);
  });

  it('of its own key only: another key gets 404', async () => {
    const rest = 'auth: { keys: [{ name: a, key: key-a, admin: true }, { name: b, key: key-b }] }\n';
    const { ask, upstream } = await runPassthrough({ isSilent: true }, rest);
    const headers = { authorization: 'Bearer key-a', 'x-request-id': 'mine' };
    const asked = ask('/v1/files', { headers });
    await upstream.request(1);
    const other = { headers: { authorization: 'Bearer key-b' } };
    expect((await ask('/v1/requests/mine', { method: 'DELETE', ...other })).status).toBe(404);
    upstream.release();
    expect((await asked).status).toBe(200);
  });
});

describe('a client that disconnects from a passthrough request', () => {
  it('aborts it, and the usage record says client_closed', async () => {
    const { ask, upstream, record, gateway } = await runPassthrough({ isSilent: true });
    const client = new AbortController();
    const asked = ask('/v1/files', { signal: client.signal }).catch(() => undefined);
    const { closed } = await upstream.request(1);
    client.abort();
    await Promise.all([asked, closed]);
    await expect.poll(async () => (await record())['outcome']).toBe('cancelled');
    expect(await record()).toMatchObject({ status: 499, error_code: 'client_closed' });
    expect(gateway.log.join()).not.toContain('"msg":"bug"');
  });

  it('in the middle of its upload aborts it as well', async () => {
    const scene = await runPassthrough();
    const upload = openUpload(scene.gateway, 'mine');
    upload.write('x'.repeat(1000));
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ request_bytes: 1000 });
    upload.destroy();
    await expect.poll(() => scene.record()).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed' });
    expect(recordOf(await (await scene.ask('/v1/requests')).json())['data']).toEqual([]);
    expect(scene.upstream.requests).toHaveLength(0);
  });

  it('without a whole chunk of its upload aborts it, and hears that it is no HTTP', async () => {
    const scene = await runPassthrough();
    const upload = openUpload(scene.gateway, 'mine');
    const answered = once(upload, 'response');
    upload.write('x'.repeat(1000));
    await expect.poll(() => summary(scene, 'mine')).toMatchObject({ request_bytes: 1000 });
    upload.socket?.write('no chunk\r\n');
    const [response] = await answered;
    expect(response.statusCode).toBe(400);
    await expect.poll(() => scene.record()).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed' });
  });
});
