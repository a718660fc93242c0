import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUpstream, type TestUpstream } from './upstream.ts';

let upstream: TestUpstream;

beforeEach(async () => {
  upstream = await createUpstream();
});

afterEach(() => upstream.close());

function post(signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`${upstream.url}/v1/x`, { method: 'POST', body: '{"a":1}', headers: { 'x-test': 'yes' }, signal });
}

describe('createUpstream', () => {
  it('answers by its script, in pieces, and records the requests', async () => {
    upstream.answer({ status: 201, headers: { 'content-type': 'text/event-stream' }, body: 'grüße', pieceBytes: 1 });
    const response = await post();
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'text/event-stream']);
    expect(await response.text()).toBe('grüße');
    expect(upstream.requests).toMatchObject([
      { method: 'POST', path: '/v1/x', body: { a: 1 }, headers: { 'x-test': 'yes' } },
    ]);
  });

  it('answers each request differently', async () => {
    upstream.answer((_, number) => ({ status: number === 1 ? 500 : 200 }));
    expect([(await post()).status, (await post()).status]).toEqual([500, 200]);
  });

  it('destroys the socket in the middle of the body', async () => {
    upstream.answer({ body: 'abcdef', destroyAfterBytes: 3 });
    const response = await post();
    await expect(response.text()).rejects.toThrow();
  });

  it('stalls until it is released', async () => {
    upstream.answer({ body: 'abcdef', stallAfterBytes: 3 });
    const response = await post();
    upstream.release();
    expect(await response.text()).toBe('abcdef');
  });

  it('reports that a silent request was aborted', async () => {
    upstream.answer({ isSilent: true });
    const controller = new AbortController();
    const pending = post(controller.signal);
    const request = await upstream.request(1);
    controller.abort();
    await expect(pending).rejects.toThrow();
    await request.closed;
  });
});
