import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import type { Options } from 'http-proxy-middleware';

/** Not imported, for the reason in server.ts. */
const { Agent: HttpAgent } = process.getBuiltinModule('node:http');

/** One request on its way to a provider. */
export interface ProxiedRequest {
  /** Up to and including the version. */
  readonly base: URL;
  /** Below the base, with the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** When it aborts, the answer is not waited for any more. */
  readonly signal: AbortSignal;
  /** Is given the request as soon as it has a socket, and before anything is written to it. */
  sending(upstream: ClientRequest): void;
}

/** Sends a request on, and gives the answer when its head is there. The receiver reads it, and answers the client. */
export type SendOn = (request: Request, response: Response, proxied: ProxiedRequest) => Promise<IncomingMessage>;

type Handler = (request: Request, response: Response, next: (error?: unknown) => void) => Promise<void>;

interface PendingProxy {
  readonly proxied: ProxiedRequest;
  resolve(answer: IncomingMessage): void;
  reject(error: unknown): void;
}

/** A proxy with connections of its own. */
export function createProxy(): SendOn {
  const waiting = new WeakMap<Request, PendingProxy>();
  const options = optionsFor((request) => waiting.get(request));
  // Loaded with the first request: it brings HTTP/2 and all of node:http, and many gateways never need it.
  let handler: Promise<Handler> | null = null;
  const load = async (): Promise<Handler> =>
    (await import('http-proxy-middleware')).createProxyMiddleware<Request, Response>(options);
  return async (request, response, proxied) => {
    handler ??= load();
    const handle = await handler;
    proxied.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      waiting.set(request, { proxied, resolve, reject });
      proxied.signal.addEventListener('abort', () => reject(proxied.signal.reason), { once: true });
      handle(request, response, reject).catch(reject);
    });
  };
}

function optionsFor(find: (request: Request) => PendingProxy | undefined): Options<Request, Response> {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const of = (request: Request): PendingProxy => {
    const waiting = find(request);
    if (waiting) return waiting;
    throw new Error('A request reached the proxy without its provider.');
  };
  return {
    changeOrigin: true,
    ejectPlugins: true,
    selfHandleResponse: true,
    plugins: [
      (proxy) => {
        // With a listener the proxy tells its errors to it alone; without one it throws them.
        proxy.on('error', (error, request) => find(request as Request)?.reject(error));
        proxy.on('proxyReq', (upstream, request) => of(request as Request).proxied.sending(upstream));
        proxy.on('proxyRes', (answer, request) => take(answer, of(request as Request)));
      },
    ],
    router: (request, _response, active) => {
      const { base, headers, body } = of(request).proxied;
      request.headers = headers;
      active.agent = base.protocol === 'https:' ? agents.https : agents.http;
      active.buffer = body;
      return base;
    },
    pathRewrite: (_path, request) => of(request).proxied.path,
  };
}

/**
 * The proxy would break the client's connection with the provider's. An answer that is an error has its status all the
 * same, so the reader decides. The proxy's listeners come after this event, and go before the next turn.
 */
function take(answer: IncomingMessage, { resolve }: PendingProxy): void {
  process.nextTick(() => {
    answer.removeAllListeners('close').removeAllListeners('error');
    resolve(answer);
  });
}
