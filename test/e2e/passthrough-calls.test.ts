import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type JsonRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import type { TestGateway } from '../support/gateway.ts';
import { named, runPassthrough } from '../support/passthrough.ts';
import type { UpstreamAnswer } from '../support/upstream.ts';

const EMBEDDED = JSON.stringify({
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
  model: 'embed-upstream',
  usage: { prompt_tokens: 500_000, total_tokens: 500_000 },
});

function callLine(gateway: TestGateway): JsonRecord {
  const lines = gateway.log.map((line) => recordOf(parseJson(line)));
  return lines.findLast(({ msg }) => msg === 'call') ?? {};
}

describe('a passthrough request is a call', () => {
  it('with x-sluice headers, one usage record with its cost, one log line and its metrics', async () => {
    const { gateway, post, ask, record } = await runPassthrough({ body: EMBEDDED });
    const body = { model: 'embed', input: 'Hi', user: 'ann' };
    const response = await post('/v1/embeddings', body, { 'x-request-id': 'mine' });
    expect(await response.text()).toBe(EMBEDDED);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': 'mine',
      'x-sluice-model': 'embed',
      'x-sluice-provider': 'up',
      'x-sluice-attempts': '1',
      'x-sluice-overhead-ms': expect.stringMatching(/^\d+\.\d\d$/),
    });
    const sent = JSON.stringify({ ...body, model: 'embed-upstream' }).length;
    const figures = { request_bytes: sent, response_bytes: EMBEDDED.length, prompt_tokens: 500_000, cost_usd: 0.01 };
    expect(await record()).toMatchObject({
      id: 'mine',
      path: '/v1/embeddings',
      model: 'embed',
      requested_model: 'embed',
      user: 'ann',
      metadata: null,
      provider: 'up',
      outcome: 'completed',
      status: 200,
      attempts: 1,
      usage_source: 'provider',
      cost_source: 'table',
      ...figures,
    });
    const metrics = await (await ask('/metrics')).text();
    const labels = 'path="/v1/embeddings",model="embed",provider="up",status="2xx",outcome="completed"';
    expect(metrics).toContain(`sluice_passthrough_requests_total{${labels}} 1\n`);
    expect(metrics).toContain('sluice_tokens_total{model="embed",provider="up",kind="prompt"} 500000\n');
    expect(metrics).toContain('sluice_cost_usd_total{model="embed",provider="up"} 0.01\n');
    expect(metrics).not.toContain('sluice_calls_total{');
    expect(gateway.log.filter((line) => line.includes('"msg":"call"'))).toHaveLength(1);
    expect(callLine(gateway)).toMatchObject({ id: 'mine', path: '/v1/embeddings', asked: 'embed', ...figures });
    expect(recordOf(await (await ask('/metrics/performance')).json())['calls']).toBe(0);
  });

  it('also without a model: its usage record has an empty model', async () => {
    const { ask, record } = await runPassthrough({ body: '{"id":"file-1"}' });
    const form = new FormData();
    form.set('file', new Blob(['x'.repeat(1000)]), 'a.txt');
    const response = await ask('/v1/files', { method: 'POST', body: form });
    expect(response.headers.get('x-sluice-provider')).toBe('up');
    expect(response.headers.has('x-sluice-model')).toBe(false);
    await response.text();
    const found = await record();
    expect(found).toMatchObject({ path: '/v1/files', model: '', provider: 'up', cost_usd: null, response_bytes: 15 });
    expect(found['request_bytes']).toBeGreaterThan(1000);
  });

  it('whose provider errors are recorded as failures with the HTTP status of the provider', async () => {
    const { ask, record } = await runPassthrough({ status: 404, body: '{"error":{"message":"No such file"}}' });
    expect((await ask('/v1/files/none')).status).toBe(404);
    expect(await record()).toMatchObject({ outcome: 'failed', status: 404, error_code: 'invalid_request_error' });
  });

  const RESPONSE = {
    id: 'resp_1',
    usage: { input_tokens: 7, output_tokens: 3, input_tokens_details: { cached_tokens: 2 } },
  };
  const EVENTS = `data: {"type":"x","delta":"\\"usage\\":{\\"input_tokens\\":9}"}\n\ndata: ${JSON.stringify({ type: 'response.completed', response: RESPONSE })}\n\n`;
  it.each<[string, string, UpstreamAnswer, JsonRecord]>([
    [
      'an answer in the words of Responses (images)',
      '/v1/images/generations',
      { body: JSON.stringify(RESPONSE) },
      { prompt_tokens: 7, completion_tokens: 3, cached_tokens: 2 },
    ],
    [
      'a stream',
      '/v1/images/generations',
      { body: EVENTS, headers: { 'content-type': 'text/event-stream' }, pieceBytes: 9 },
      { prompt_tokens: 7, completion_tokens: 3 },
    ],
    [
      'a large answer',
      '/v1/embeddings',
      { body: `{"data":"${'x'.repeat(900_000)}","usage":{"prompt_tokens":5}}` },
      { prompt_tokens: 5, completion_tokens: 0 },
    ],
    [
      'one that says nothing',
      '/v1/embeddings',
      { body: '{"usage":{"type":"duration","seconds":3}}' },
      { prompt_tokens: null, usage_source: null },
    ],
    [
      'one that is compressed unasked',
      '/v1/embeddings',
      { body: gzipSync(EMBEDDED), headers: { 'content-encoding': 'gzip' } },
      { prompt_tokens: null, status: 200 },
    ],
  ])('whose usage (tokens) is read from %s', async (_name, path, answer, expected) => {
    const { post, record, upstream } = await runPassthrough(answer);
    await (await post(path, { model: 'embed', input: 'Hi' })).text();
    expect(await record()).toMatchObject({ outcome: 'completed', ...expected });
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('whose usage is not counted again when its answer is fetched again', async () => {
    const { ask, record } = await runPassthrough({ body: JSON.stringify(RESPONSE) });
    await (await ask('/v1/videos/video_1')).text();
    expect(await record()).toMatchObject({ path: '/v1/videos', prompt_tokens: null, usage_source: null });
    await (await ask('/v1/batches/batch_1/cancel', { method: 'POST' })).text();
    expect(await record()).toMatchObject({ prompt_tokens: null });
  });

  it('whose request id is in use while it runs (409 request_id_in_use)', async () => {
    const { ask, upstream } = await runPassthrough({ isSilent: true });
    const first = ask('/v1/files', named('mine'));
    await upstream.request(1);
    const second = await ask('/v1/files', named('mine'));
    expect([second.status, await second.json()]).toMatchObject([409, { error: { code: 'request_id_in_use' } }]);
    upstream.release();
    expect((await first).status).toBe(200);
  });

  it('that is refused with 503 shutting_down while the gateway drains', async () => {
    const { ask, gateway, upstream } = await runPassthrough({ isSilent: true }, '');
    const config = gateway.snapshot().config;
    await gateway.reload(() => ({ ...config, server: { ...config.server, drainMs: 2500 } }));
    const running = ask('/v1/files');
    await upstream.request(1);
    const stopped = gateway.stop();
    const refused = await ask('/v1/files');
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }]);
    const ended = await running;
    expect([ended.status, await ended.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }]);
    await stopped;
    expect(callLine(gateway)).toMatchObject({ path: '/v1/files', outcome: 'failed', error: 'shutting_down' });
  });
});
