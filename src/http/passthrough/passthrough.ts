import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import type { Options } from 'http-proxy-middleware';
import { retryAfterMs } from '../../dialects/retry-after.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { FailureKind } from '../../protocol/failure.ts';
import { isRecord } from '../../protocol/json.ts';
import { maskSecrets } from '../../protocol/secrets.ts';
import { secretsOf } from '../../providers/provider.ts';
import type { KeyPool, PoolKey } from '../../upstream/key-pool.ts';
import { maskBody } from '../masked-body.ts';
import type { Services } from '../services.ts';
import { type Choice, chooseProvider, readJson } from './choice.ts';
import { headersFor, keepVisible } from './headers.ts';
import { pathOf, refuseDotSegments } from './paths.ts';

/** Not imported, for the reason in server.ts. */
const { Agent: HttpAgent } = process.getBuiltinModule('node:http');

interface Passage extends Choice {
  /** Of the provider. */
  readonly key: PoolKey | null;
  /** The client's own header. */
  readonly connection: string | undefined;
  /** Takes an error of the proxy to our error handler. */
  fail(error: unknown): void;
}

type ProxyHandler = (request: Request, response: Response, next: (error?: unknown) => void) => Promise<void>;

/**
 * Hands a request to the provider of its model, or to the default one: streamed both ways, with the provider's key
 * instead of the client's. JSON is read for its `model`; everything else passes as it comes.
 */
export function passthrough(services: Services): RequestHandler[] {
  const passages = new WeakMap<Request, Passage>();
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const options: Options<Request, Response> = {
    changeOrigin: true,
    ejectPlugins: true,
    plugins: [
      (proxy) => {
        // With a listener the proxy tells its errors to nobody else; without one it throws them.
        proxy.on('error', (error, request) => passages.get(request as Request)?.fail(error));
        proxy.on('proxyRes', (answer, request) => {
          const passage = passages.get(request as Request);
          if (passage) restKey(answer, passage, services.keys);
          screen(answer, passage);
        });
      },
    ],
    router: (request, _response, active) => {
      const passage = passages.get(request);
      if (passage === undefined) throw new Error('A request reached the proxy without its provider.');
      const { provider, key, body } = passage;
      const target = new URL(provider.baseUrl + provider.kind.openai.path);
      request.headers = headersFor(provider, key, request.headers, body);
      active.agent = target.protocol === 'https:' ? agents.https : agents.http;
      if (body !== null) active.buffer = Readable.from([body]);
      return target;
    },
    // The provider's base URL ends where ours says `/v1`.
    pathRewrite: (_path, request) => pathOf(request).replace(/^\/v1/, ''),
  };
  // Loaded with the first request: it brings HTTP/2 and all of node:http, and many gateways never need it.
  let proxy: Promise<ProxyHandler> | null = null;
  const load = async (): Promise<ProxyHandler> =>
    (await import('http-proxy-middleware')).createProxyMiddleware<Request, Response>(options);
  return [
    readJson(services),
    (request, response, next) => {
      refuseDotSegments(request.path);
      const fail = (error: unknown): void => next(toProxyError(error));
      const choice = chooseProvider(request, services);
      const key = services.keys.steady(choice.provider);
      passages.set(request, { ...choice, key, connection: request.headers.connection, fail });
      proxy ??= load();
      proxy.then((handle) => handle(request, response, fail)).catch(fail);
    },
  ];
}

/** What speaks against the key; a 403 is about what was asked for, as likely as not. */
const KEY_FAULTS: Readonly<Record<number, FailureKind>> = { 401: 'unauthorized', 402: 'quota', 429: 'rate-limited' };

function restKey({ statusCode = 0, headers }: IncomingMessage, { provider, key }: Passage, keys: KeyPool): void {
  const kind = KEY_FAULTS[statusCode];
  if (key && kind) keys.failed(provider, key, { kind, retryAfterMs: retryAfterMs(headers, {}) });
}

/** What comes back: the headers that a client may see, and nothing that the provider says about the gateway's key. */
function screen(answer: IncomingMessage, passage: Passage | undefined): void {
  if (answer.statusCode === 401) {
    answer.resume();
    const message = "The provider refused the gateway's own account (HTTP 401). The operator has to check its api_key.";
    passage?.fail(new GatewayError('upstream_unauthorized', message));
    return;
  }
  keepVisible(answer.headers);
  hideSecrets(answer, passage);
  // Without it the proxy would promise to keep a connection that the client wants closed.
  if (passage?.connection) answer.headers.connection = passage.connection;
}

/** Providers repeat in errors what was sent to them, and in headers such as `location`. */
function hideSecrets(answer: IncomingMessage, passage: Passage | undefined): void {
  const secrets = passage ? secretsOf(passage.provider) : [];
  for (const [name, value] of Object.entries(answer.headers)) {
    if (typeof value === 'string') answer.headers[name] = maskSecrets(value, secrets);
  }
  if ((answer.statusCode ?? 0) >= 300) maskBody(answer, secrets);
}

function toProxyError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = isRecord(error) || error instanceof Error ? (error as { code?: string }).code : undefined;
  return new GatewayError('upstream_unreachable', `The provider could not be reached (${code ?? 'no code'}).`, {
    cause: error,
  });
}
