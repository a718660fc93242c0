import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { type JsonRecord, recordOf } from '../../src/protocol/json.ts';
import { chatStream } from './chat-answers.ts';
import { runGateway, type TestGateway } from './gateway.ts';
import { runUpstream, type TestUpstream } from './upstream.ts';

/** OpenAI and another provider, each on a socket, and the gateway before them. */
export interface NativePair {
  readonly openai: TestUpstream;
  readonly other: TestUpstream;
  readonly gateway: TestGateway;
}

/** OpenAI serves `m` and `small`; another one, that speaks chat alone, steps in for it. */
export async function runLane(settings = ''): Promise<NativePair> {
  const [openai, other] = await Promise.all([runUpstream(), runUpstream()]);
  other.answer(chatStream('is', ' blue.'));
  const gateway = await runGateway(
    `providers:\n  ai: { kind: openai, base_url: "${openai.url}/v1", api_key: sk-of-the-gateway${settings} }\n` +
      `  up: { kind: openai-compatible, base_url: "${other.url}/v1" }\n` +
      'models:\n  m: { provider: ai, upstream: gpt-6, fallbacks: [other] }\n' +
      '  small: { provider: ai, upstream: gpt-6-small, context_window: 1000 }\n' +
      '  other: { provider: up, capabilities: [prefill] }\n' +
      `database: { url: "sqlite:${makeTemporaryFolder('native')}/s.db" }\nserver: { drain: 0ms }\nretry: { max_retries: 0 }\n`,
  );
  return { openai, other, gateway };
}

/** Asks `m` by the Responses API. */
export function ask(gateway: TestGateway, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const said = JSON.stringify({ model: 'm', input: 'Hello', ...body });
  const type = { 'content-type': 'application/json' };
  return fetch(`${gateway.url}/v1/responses`, { method: 'POST', body: said, headers: { ...type, ...headers } });
}

/** The body of a request that a provider got, counted from 1. */
export function sent(upstream: TestUpstream, number = 1): JsonRecord {
  return recordOf(upstream.requests[number - 1]?.body);
}
