import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { runDeafHost } from '../support/deaf-host.ts';
import { openUpload, runPassthrough } from '../support/passthrough.ts';
import { stopTime } from '../support/still-time.ts';

describe('the body of a passthrough request', () => {
  it('gets 413 by its content-length before anything is sent (passthrough.body_limit)', async () => {
    const { ask, upstream } = await runPassthrough();
    const response = await ask('/v1/files', { method: 'POST', body: 'x'.repeat(65_537) });
    const body: unknown = await response.json();
    expect([response.status, body]).toMatchObject([413, { error: { code: 'request_too_large' } }]);
    expect(JSON.stringify(body)).toContain('passthrough.body_limit');
    expect(upstream.requests).toHaveLength(0);
  });

  it('is counted while it streams: beyond passthrough.body_limit it gets 413, and the provider request is aborted', async () => {
    const { gateway, upstream, record } = await runPassthrough();
    const upload = openUpload(gateway);
    const answered = once(upload, 'response');
    for (let piece = 0; piece < 20; piece++) upload.write('x'.repeat(10_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    upload.end();
    expect(upstream.requests).toHaveLength(0);
    const found = await record();
    expect(found).toMatchObject({ outcome: 'failed', status: 413, error_code: 'request_too_large' });
    expect(found['request_bytes']).toBeGreaterThan(65_536);
  });

  it('may have exactly passthrough.body_limit bytes', async () => {
    const { ask, upstream } = await runPassthrough();
    expect((await ask('/v1/files', { method: 'POST', body: 'x'.repeat(65_536) })).status).toBe(200);
    expect(upstream.requests[0]?.headers['content-length']).toBe('65536');
  });

  it('gets 400 for a model name that would break a header', async () => {
    const { post, upstream } = await runPassthrough();
    for (const model of ['a\r\nb', 'a\u0000b', '\ud800', 'x'.repeat(257)]) {
      const response = await post('/v1/embeddings', { model, input: 'Hi' });
      expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'model' } }]);
    }
    expect(upstream.requests).toHaveLength(0);
    const response = await post('/v1/embeddings', { model: 'Grüße-模型', input: 'Hi' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-model')).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('the timeouts of a passthrough request', () => {
  it('are timeouts.total', async () => {
    const { ask, upstream, record } = await runPassthrough(
      { isSilent: true },
      'timeouts: { first_token: 20ms, response: 20ms, total: 120ms }\n',
    );
    const response = await ask('/v1/files');
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
    await upstream.requests[0]?.closed;
    expect(await record()).toMatchObject({ outcome: 'failed', status: 504 });
  });

  it('are x-sluice-timeout of the client, where it is shorter', async () => {
    const { ask } = await runPassthrough({ isSilent: true });
    expect((await ask('/v1/files', { headers: { 'x-sluice-timeout': '60ms' } })).status).toBe(504);
  });

  it('are timeouts.idle in an answer that has begun', async () => {
    const { ask, upstream, record } = await runPassthrough(
      { body: 'x'.repeat(2000), stallAfterBytes: 1000 },
      'timeouts: { idle: 60ms }\n',
    );
    const response = await ask('/v1/files');
    await expect(response.text()).rejects.toThrow();
    await upstream.requests[0]?.closed;
    expect(await record()).toMatchObject({ outcome: 'failed', status: 502, error_code: 'upstream_stream_interrupted' });
  });

  it('are timeouts.connect', async () => {
    const { ask, record } = await runPassthrough({}, 'timeouts: { connect: 60ms }\n', (await runDeafHost()).url);
    const response = await ask('/v1/files');
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
    expect(await record()).toMatchObject({ outcome: 'failed', error_code: 'upstream_unreachable' });
  });

  it('do not run while the client reads slowly', async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, 'x');
    const { ask } = await runPassthrough({ body, pieceBytes: 1024 * 1024 }, 'timeouts: { idle: 10s }\n');
    // Time passes by turns of the event loop, which provider, gateway and client share, however busy the machine is.
    stopTime();
    const response = await ask('/v1/files');
    for (let seconds = 0; seconds < 40; seconds++) {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      vi.advanceTimersByTime(1000);
    }
    expect((await response.arrayBuffer()).byteLength).toBe(body.length);
  });
});

describe('the rate limits of a provider for a passthrough request', () => {
  it.each([402, 403, 429])('do not put a provider key to rest: HTTP %i', async (status) => {
    const { upstream, ask, gateway } = await runPassthrough({}, '');
    const config = gateway.snapshot().config;
    const provider = config.providers.get('up');
    if (!provider) throw new Error('The provider is missing.');
    const providers = new Map(config.providers).set('up', { ...provider, apiKeys: ['first-key', 'second-key'] });
    await gateway.reload(() => ({ ...config, providers }));
    upstream.answer({ status, body: '{"error":{"message":"Wait."}}', headers: { 'retry-after': '30' } });
    for (let count = 0; count < 2; count++) await (await ask('/v1/files')).text();
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key',
      'Bearer first-key',
    ]);
  });
});
