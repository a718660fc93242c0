import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { startGatewayProcess } from '../../lab/gateway.ts';
import type { TurnReading } from './turns.ts';

/** A path that reads JSON, and the model that leads to the language it is for. */
export interface JsonPath {
  readonly name: string;
  readonly path: string;
  readonly model: string;
}

const CHAT = '/v1/chat/completions';

export const PATHS: readonly JsonPath[] = [
  { name: 'chat over chat', path: CHAT, model: 'chat' },
  { name: 'chat over Gemini', path: CHAT, model: 'gemini' },
  { name: 'chat over an older Gemini', path: CHAT, model: 'older' },
  { name: 'chat over Responses', path: CHAT, model: 'responses' },
  { name: 'chat over the demo', path: CHAT, model: 'demo' },
  { name: 'router/choose', path: '/v1/router/choose', model: 'all' },
  { name: 'embeddings', path: '/v1/embeddings', model: 'chat' },
];

const LONGEST_WAIT_MS = 30_000;

/** What became of a body; `status` is null when nobody answered in 30 seconds. */
export interface BodyReading extends TurnReading {
  readonly status: number | null;
}

/** A gateway in a process of its own, whose event loop is looked at. */
export interface Watched {
  send(path: JsonPath, body: Buffer): Promise<BodyReading>;
  stop(): void;
}

const NOTHING_ELSE = 'fallbacks: []';

function settingsFor(url: string): string {
  return `retry: { max_retries: 0 }
breaker: { failures: 1000000 }
providers:
  chat: { kind: openai-compatible, base_url: ${url}/v1 }
  gemini: { kind: gemini, base_url: ${url}/v1beta, api_key: none }
  demo: { kind: demo }
  openai: { kind: openai, base_url: ${url}/v1, api_key: none }
models:
  chat: { provider: chat, upstream: served, ${NOTHING_ELSE} }
  gemini: { provider: gemini, upstream: gemini-3.8-flash, ${NOTHING_ELSE} }
  older: { provider: gemini, upstream: gemini-2.0-flash, ${NOTHING_ELSE} }
  responses: { provider: openai, upstream: gpt-6-pro, ${NOTHING_ELSE} }
  all: { targets: [chat, gemini, older, responses], strategy: order }
`;
}

/** Starts one. @throws when it ends before it listens */
export async function startWatched(providerUrl: string): Promise<Watched> {
  const module = new URL('./gateway.ts', import.meta.url);
  const gateway = await startGatewayProcess(settingsFor(providerUrl), { module, flags: ['--expose-gc'] });
  const tell = (message: string): Promise<TurnReading | null> =>
    Promise.race([
      gateway.ask(message).catch(() => null) as Promise<TurnReading | null>,
      wait(LONGEST_WAIT_MS, null, { ref: false }),
    ]);
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const post = async ({ path }: JsonPath, body: Buffer): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await request(gateway.url + path, { method: 'POST', headers, body, dispatcher });
    await answer.body.dump();
    return answer.statusCode;
  };
  return {
    async send(path, body) {
      // A small call first: what is loaded and compiled once is not this body's.
      await post(path, Buffer.from(`{"model":"${path.model}","input":"x","messages":[{"role":"user","content":"x"}]}`));
      await tell('begin');
      const status = await Promise.race([
        post(path, body).catch(() => null),
        wait(LONGEST_WAIT_MS, null, { ref: false }),
      ]);
      // What is still done after the answer counts as well.
      await wait(100);
      const reading = status === null ? null : await tell('end');
      return {
        status: reading === null ? null : status,
        ...(reading ?? { longestTurnMs: Number.NaN, peakBytes: Number.NaN }),
      };
    },
    stop() {
      gateway.stop();
      void dispatcher.destroy();
    },
  };
}
