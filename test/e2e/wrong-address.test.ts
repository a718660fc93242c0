import { describe, expect, it } from 'vitest';
import { chatStream } from '../support/chat-answers.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runRawUpstream } from '../support/raw-upstream.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** Retries are allowed, so that it is seen when there are none. */
function start(baseUrl: string, rest = ''): Promise<TestGateway> {
  return runGateway(
    `providers:\n  up: { kind: openai-compatible, base_url: "${baseUrl}", api_key: sk-the-key }\n${rest}` +
      'models: { m: { provider: up } }\nserver: { drain: 0ms }\nretry: { initial_delay: 1ms }\npassthrough: { default: up }\n',
  );
}

async function errorOf(gateway: TestGateway, stream = true): Promise<unknown> {
  const response = await gateway.chat({ stream });
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return [response.status, error.code, response.headers.get('x-sluice-attempts'), error.message];
}

describe('a wrong base_url without an API behind it', () => {
  it.each<[string, UpstreamAnswer]>([
    ['HTML', { status: 404, body: '<html><h1>404 Not Found</h1></html>' }],
    ['nothing', { status: 404, body: '' }],
    ['plain text', { status: 404, body: '404 page not found' }],
    ["FastAPI's words", { status: 404, body: '{"detail":"Not Found"}' }],
    ['a page that takes no POST', { status: 405, body: '{"detail":"Method Not Allowed"}' }],
  ])('is reported as upstream_unreachable with its path, without a retry: %s', async (_name, answer) => {
    const upstream = await runUpstream(answer);
    const gateway = await start(`${upstream.url.replace('//', '//user:word@')}/api/acc0unt42/`);
    const message = `The provider has nothing at this path (HTTP ${answer.status}): /api/…/chat/completions. Check the base_url of the provider 'up'.`;
    expect(await errorOf(gateway)).toEqual([502, 'upstream_unreachable', '1', message]);
    expect(await errorOf(gateway, false)).toEqual([502, 'upstream_unreachable', '1', message]);
    expect(upstream.requests).toHaveLength(2);
  });

  it('fails over to a fallback, as an unknown model does', async () => {
    const lost = await runUpstream({ status: 404, body: '' });
    const other = await runUpstream(chatStream('Hello'));
    const gateway = await start(lost.url, `  other: { kind: openai-compatible, base_url: "${other.url}/v1" }\n`);
    const response = await gateway.chat({ stream: true, fallbacks: ['other/x'] });
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('differs from a model that the provider does not know', async () => {
    const upstream = await runUpstream({ status: 404, body: '{"error":{"message":"model \'m\' not found"}}' });
    const gateway = await start(`${upstream.url}/v1`);
    expect(await errorOf(gateway)).toEqual([404, 'model_not_found', '1', "model 'm' not found"]);
  });
});

describe('a base_url of the wrong scheme', () => {
  it('is reported once, where plain HTTP answers https', async () => {
    const upstream = await runUpstream(chatStream('Hello'));
    const gateway = await start(`${upstream.url.replace('http:', 'https:')}/v1`);
    const message = expect.stringMatching(/^The provider speaks plain HTTP, and its base_url says https: check it/);
    expect(await errorOf(gateway)).toEqual([502, 'upstream_unreachable', '1', message]);
    const passed = await fetch(`${gateway.url}/v1/files`);
    expect([passed.status, await passed.json()]).toMatchObject([502, { error: { message } }]);
  });

  it('is reported where a TLS alert answers http', async () => {
    const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 70]);
    const upstream = await runRawUpstream((socket) => socket.end(alert));
    const gateway = await start(`${upstream.url}/v1`);
    const message = expect.stringMatching(/^The provider speaks TLS, and its base_url says http: check it/);
    expect(await errorOf(gateway)).toEqual([502, 'upstream_unreachable', '1', message]);
    expect(upstream.asked).toBe(1);
    const passed = await fetch(`${gateway.url}/v1/files`);
    expect([passed.status, await passed.json()]).toMatchObject([502, { error: { message } }]);
  });

  it('is reported where nginx says so in HTML', async () => {
    const body = '<html><center>The plain HTTP request was sent to HTTPS port</center></html>';
    const upstream = await runUpstream({ status: 400, body });
    const message = expect.stringMatching(/^The provider wants https, and was asked by http \(HTTP 400\)/);
    expect(await errorOf(await start(`${upstream.url}/v1`))).toEqual([502, 'upstream_unreachable', '1', message]);
  });
});
