import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import type { Options } from 'http-proxy-middleware';
import { retryAfterMs } from '../dialects/retry-after.ts';
import { refuseBadModelName } from '../protocol/chat-request.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { FailureKind } from '../protocol/failure.ts';
import { isRecord, recordOf } from '../protocol/json.ts';
import { maskSecrets } from '../protocol/secrets.ts';
import { type Provider, secretsOf } from '../providers/provider.ts';
import type { KeyPool, PoolKey } from '../upstream/key-pool.ts';
import { encodeJson, type JsonBody, readJsonBody } from './json-body.ts';
import { maskBody } from './masked-body.ts';
import type { Services } from './services.ts';

/** Not imported, for the reason in gateway.ts. */
const { Agent: HttpAgent } = process.getBuiltinModule('node:http');

/** OpenAI's other paths, and everything below them. */
export const PASSTHROUGH_PATHS = [
  'embeddings',
  'images',
  'audio',
  'files',
  'uploads',
  'moderations',
  'batches',
  'responses',
  'conversations',
  'completions',
  'fine_tuning',
  'vector_stores',
  'evals',
  'containers',
  'videos',
].map((name) => `/v1/${name}`);

const REQUEST_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'range',
  'expect',
  'idempotency-key',
  'openai-beta',
  'user-agent',
]);
const RESPONSE_HEADERS =
  /^(content-.*|transfer-encoding|accept-ranges|cache-control|date|etag|last-modified|location|openai-.*|retry-after.*|x-ratelimit-.*|x-should-retry)$/;

/** Who serves a request, and its body where that had to be read. */
interface Choice {
  readonly provider: Provider;
  readonly body: Buffer | null;
}

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
      const pass = async (): Promise<void> => {
        const choice = await choosePassage(request, services);
        const key = services.keys.steady(choice.provider);
        passages.set(request, { ...choice, key, connection: request.headers.connection, fail });
        proxy ??= load();
        proxy.then((handle) => handle(request, response, fail)).catch(fail);
      };
      pass().catch(next);
    },
  ];
}

/** Path and query, also of a request that names a whole URL: where it goes is not the client's to choose. */
function pathOf({ originalUrl }: Request): string {
  return originalUrl.replace(/^https?:\/\/[^/]*/i, '');
}

/** A path with `..` would leave the provider's base URL, with the provider's key. */
function refuseDotSegments(path: string): void {
  if (
    decoded(path)
      .split(/[/\\]/)
      .some((segment) => segment === '.' || segment === '..')
  ) {
    throw new GatewayError('unknown_url', 'The path has a segment . or .. in it: write it out.');
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new GatewayError('invalid_value', `The path ${path.slice(0, 200)} has a % that encodes nothing.`);
  }
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
  keepOnly(answer.headers, (name) => RESPONSE_HEADERS.test(name));
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

/** JSON is read for its `model`: `request.body` is a {@link JsonBody}. */
function readJson({ world }: Services): RequestHandler {
  return (request, _response, next) => {
    if (!request.is('application/json')) return next();
    readJsonBody(request, world().config.server.bodyLimitBytes).then((body) => {
      request.body = body;
      next();
    }, next);
  };
}

async function choosePassage(request: Request, { world }: Services): Promise<Choice> {
  const { registry, config, providers } = world();
  const { bytes: body = null, value } = (request.body ?? {}) as Partial<JsonBody>;
  const model = isRecord(value) ? value['model'] : null;
  if (typeof model !== 'string') return { provider: defaultProvider(providers, config.passthroughDefault), body };
  refuseBadModelName(model, 'model');
  const { provider, upstream } = registry.locate(model);
  return { provider, body: upstream === model ? body : await encodeJson({ ...recordOf(value), model: upstream }) };
}

function defaultProvider(providers: ReadonlyMap<string, Provider>, name: string | null): Provider {
  const provider = name === null ? undefined : providers.get(name);
  if (provider === undefined) {
    throw new GatewayError(
      'unknown_url',
      'No provider is configured for this path: the operator sets passthrough.default.',
    );
  }
  if (provider.disabledBecause !== null) {
    throw new GatewayError('unknown_url', `This path cannot be served: ${provider.disabledBecause}.`);
  }
  return provider;
}

/** The client's headers that may travel, and the provider's own. */
function headersFor(
  provider: Provider,
  key: PoolKey | null,
  from: IncomingHttpHeaders,
  body: Buffer | null,
): IncomingHttpHeaders {
  const headers = { ...from };
  keepOnly(headers, (name) => REQUEST_HEADERS.has(name));
  Object.assign(headers, provider.headers, key === null ? {} : provider.kind.openai.authHeaders(key.value));
  if (body === null) return headers;
  // It was inflated and put together while it was read.
  delete headers['content-encoding'];
  delete headers['transfer-encoding'];
  return { ...headers, 'content-length': String(body.length) };
}

function keepOnly(headers: IncomingHttpHeaders, isAllowed: (name: string) => boolean): void {
  for (const name of Object.keys(headers)) if (!isAllowed(name)) delete headers[name];
}

function toProxyError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = isRecord(error) || error instanceof Error ? (error as { code?: string }).code : undefined;
  return new GatewayError('upstream_unreachable', `The provider could not be reached (${code ?? 'no code'}).`, {
    cause: error,
  });
}
