import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream } from '../support/upstream.ts';
import { DEMO_CONFIG } from './client.ts';

const HAS_CURL = spawnSync('curl', ['--version']).status === 0;

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
});

/** What a person types; the proxies of the environment are none of the test's business. */
async function curl(...args: string[]): Promise<string> {
  const child = spawn('curl', ['--silent', '--noproxy', '*', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return text(child.stdout);
}

function body(rest: object = {}): string {
  return JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello!' }], ...rest });
}

describe.skipIf(!HAS_CURL)('curl', () => {
  it('gets an answer without a content-type header', async () => {
    const answer = JSON.parse(await curl(`${gateway.url}/v1/chat/completions`, '-d', body()));
    expect(answer.choices[0].message.content).toMatch(/^You said: "Hello!"/);
  });

  it('gets an SSE stream with -N', async () => {
    const json = ['-H', 'content-type: application/json', '-d', body({ stream: true })];
    const answer = checkStream(await curl('-N', `${gateway.url}/v1/chat/completions`, ...json));
    expect(answer.choices[0]?.text).toMatch(/^You said: "Hello!"/);
  });

  it('waits for 100 Continue before it sends a large body', async () => {
    const large = body({ messages: [{ role: 'user', content: `Hello! ${'x'.repeat(50_000)}` }] });
    const args = ['-H', 'expect: 100-continue', '-d', large];
    const answer = JSON.parse(await curl(`${gateway.url}/v1/chat/completions`, ...args));
    expect(answer.choices[0].message.content).toMatch(/^You said: "Hello! x/);
  });

  it('gets 400 invalid_json with the place of the mistake', async () => {
    const args = ['-d', '{"model": "demo",', '-w', '\n%{http_code}'];
    const [answer = '', status] = (await curl(`${gateway.url}/v1/chat/completions`, ...args)).split('\n');
    expect(status).toBe('400');
    expect(JSON.parse(answer)).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_json' } });
  });

  it('lists the models of /v1/models', async () => {
    expect(JSON.parse(await curl(`${gateway.url}/v1/models`))).toMatchObject({ object: 'list' });
  });

  it('aborts the provider request when it is stopped', async () => {
    const answer = chatStream('Hel', 'lo');
    const upstream = await runUpstream({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    const { url } = await runGateway(configFor(upstream.url));
    const request = body({ model: 'm', stream: true });
    const child = spawn('curl', ['--silent', '--noproxy', '*', '-N', `${url}/v1/chat/completions`, '-d', request]);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    await (await upstream.request(1)).closed;
  });
});
