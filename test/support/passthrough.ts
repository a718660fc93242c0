import { type ClientRequest, request as openRequest } from 'node:http';
import { join } from 'node:path';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from './config-files.ts';
import { PROVIDER_KEY, runGateway, type TestGateway } from './gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from './upstream.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A gateway that passes requests through to one scripted provider, and its usage log. */
export interface PassthroughScene {
  readonly upstream: TestUpstream;
  readonly gateway: TestGateway;
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: object, headers?: Record<string, string>): Promise<Response>;
  /** The newest record of the usage log. */
  record(): Promise<JsonRecord>;
}

/** Starts it with a model `embed` and `passthrough.body_limit: 64kb`; `rest` is more of the configuration, `url` another provider. */
export async function runPassthrough(answer: UpstreamAnswer = {}, rest = '', url?: string): Promise<PassthroughScene> {
  const upstream = await runUpstream(answer);
  const gateway = await runGateway(configOf(url ?? upstream.url, rest));
  const ask = (path: string, init?: RequestInit) => fetch(gateway.url + path, init);
  return {
    upstream,
    gateway,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } }),
    async record() {
      const page = recordOf(await (await ask('/v1/usage/records')).json());
      return recordsOf(page['data'])[0] ?? {};
    },
  };
}

function configOf(url: string, rest: string): string {
  return (
    `providers:\n  up: { kind: openai-compatible, base_url: "${url}/v1", api_key: ${PROVIDER_KEY} }\n` +
    'models:\n  embed: { provider: up, upstream: embed-upstream, kind: embedding, prices: [{ input: 0.02, output: 0 }] }\n' +
    `passthrough: { default: up, body_limit: 64kb }\nserver: { drain: 0ms }\n` +
    `usage: { path: "${join(temporaryFolder(), 'usage.db')}" }\n${rest}`
  );
}

/** An upload that goes on until it is ended; the gateway may hang up on it. */
export function openUpload({ url }: TestGateway, id = 'upload'): ClientRequest {
  const upload = openRequest(`${url}/v1/files`, { method: 'POST', headers: { 'x-request-id': id } });
  return upload.on('error', () => undefined);
}

/** A request with this `x-request-id`. */
export function named(id: string): RequestInit {
  return { headers: { 'x-request-id': id } };
}
