import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Asked, startProvider } from '../../lab/provider.ts';
import { chatAnswer, chatChunk, chatUsage, DONE, geminiAnswer, json } from '../../lab/wire-answers.ts';
import { type JsonRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import { runGateway, type TestGateway } from './gateway.ts';

/** What an endpoint answered: JSON, whatever its status. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonRecord;
}

/**
 * A gateway that keeps answers, with a model `c` at a provider that speaks chat, `g` at one that speaks Gemini, and `n` at one
 * that is asked in the words of Responses themselves.
 */
export interface TwoProviders {
  readonly gateway: TestGateway;
  /** Bodies that reached a provider, in their order, as text. */
  readonly asked: readonly string[];
  post(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  get(path: string): Promise<Answered>;
}

/** @param say what the model says to a body; null leaves it without an answer. @param rest further settings */
export async function runTwoProviders(say: (body: string) => string | null, rest = ''): Promise<TwoProviders> {
  const asked: string[] = [];
  const answer = ({ path, body }: Asked) => {
    const text = body.toString();
    asked.push(text);
    const said = say(text);
    if (said === null) return { body: [{ until: new Promise(() => undefined) }], end: 'open' as const };
    if (path.endsWith('/responses')) return json(toResponse(said));
    if (path.includes(':generateContent')) return json(geminiAnswer([{ text: said }], 3, 'STOP'));
    if (recordOf(parseJson(text))['stream'] !== true) return json(chatAnswer({ content: said }, 3));
    const chunks = [chatChunk({ role: 'assistant', content: said }), chatChunk({}, 'stop'), chatUsage(3), DONE];
    return { headers: { 'content-type': 'text/event-stream' }, body: chunks };
  };
  const provider = await startProvider(answer);
  const folder = await mkdtemp(join(tmpdir(), 'responses-'));
  onTestFinished(async () => {
    await provider.close();
    await rm(folder, { recursive: true, force: true });
  });
  const gateway = await runGateway(
    `database: { url: "sqlite:${join(folder, 's.db')}" }\nserver: { drain: 0ms }\nretry: { max_retries: 0 }\n` +
      `providers:\n  chat: { kind: openai-compatible, base_url: "${provider.url}/v1", api_key: k }\n` +
      `  own: { kind: openai-compatible, responses: native, base_url: "${provider.url}/v1", api_key: k }\n` +
      `  google: { kind: gemini, base_url: "${provider.url}", api_key: k }\n` +
      'models:\n  c: { provider: chat, context_window: 1000 }\n  g: { provider: google }\n  n: { provider: own, context_window: 1000 }\n' +
      rest,
  );
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const response = await fetch(`${gateway.url}/v1${path}`, init);
    const { status, headers } = response;
    return { status, headers, body: recordOf(parseJson(await response.text())) };
  };
  return {
    gateway,
    asked,
    post: (path, body, headers = {}) => ask(path, { method: 'POST', body: JSON.stringify(body), headers }),
    get: (path) => ask(path),
  };
}

function toResponse(text: string): object {
  const content = [{ type: 'output_text', text, annotations: [] }];
  const output = [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }];
  const usage = { input_tokens: 20, output_tokens: 3, total_tokens: 23 };
  return { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'n', output, usage };
}
