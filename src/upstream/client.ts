import type { Pool as ConnectionPool } from 'undici';
import type { UpstreamRequest } from '../languages/dialect.ts';
import type { Provider } from '../providers/provider.ts';
import { createConnector } from './connector.ts';
import { type Cancel, Receiver } from './receiver.ts';
import { kQueuedAbort, Pool } from './undici.ts';

/** Idle sockets to a provider are kept this long; most front ends close theirs after 60 s or later. */
const KEEP_ALIVE_MS = 30_000;
/** Recorded heads stay under 8 KB. A head that never ends must not fill the memory. */
const MAX_HEAD_BYTES = 64 * 1024;

/** Connections to all providers: one pool per provider, so that a slow one cannot starve another. */
export interface UpstreamClient {
  /** Sends a request, and gives what waits for its answer; destroying that closes the connection. */
  send(provider: Provider, apiKey: string | null, message: UpstreamRequest, options: SendOptions): Receiver;
  close(): Promise<void>;
}

/** How one request is sent. */
export interface SendOptions {
  readonly connectMs: number;
  readonly isStream: boolean;
}

export function createUpstreamClient(): UpstreamClient {
  const hosts = new Map<string, Host>();
  const found = new WeakMap<Provider, Host>();
  const hostOf = (provider: Provider, connectMs: number): Host => {
    const last = found.get(provider);
    if (last?.connectMs === connectMs) return last;
    // A reload makes new providers, which go on with the connections of the old ones.
    const key = `${provider.baseUrl} ${connectMs} ${provider.maxConnections}`;
    const host = hosts.get(key) ?? createHost(provider, connectMs);
    hosts.set(key, host);
    found.set(provider, host);
    return host;
  };
  return {
    send(provider, apiKey, message, { connectMs, isStream }) {
      const { pool, origin, path } = hostOf(provider, connectMs);
      const receiver = new Receiver();
      const request = {
        method: message.method ?? 'POST',
        origin,
        path: path + message.path,
        headers: headersOf(message, provider, apiKey, isStream),
        body: message.method === undefined ? (message.encoded ?? JSON.stringify(message.body)) : null,
        [kQueuedAbort]: (cancel: Cancel) => receiver.queued(cancel),
      } as const;
      pool.dispatch(request, receiver);
      return receiver;
    },
    async close() {
      await Promise.all([...hosts.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

/** A base URL, taken apart once, and the connections to it. */
interface Host {
  readonly origin: string;
  readonly path: string;
  readonly connectMs: number;
  readonly pool: ConnectionPool;
}

function createHost(provider: Provider, connectMs: number): Host {
  const { origin, pathname } = new URL(provider.baseUrl);
  const pool = new Pool(origin, {
    connections: provider.maxConnections,
    pipelining: 1,
    connect: createConnector(connectMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    // undici's own deadlines fire up to half a second late: the exchange has timers of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { origin, path: pathname.replace(/\/$/, ''), connectMs, pool };
}

/** Nothing of the client's headers goes to a provider: what is sent is written here. */
function headersOf(
  message: UpstreamRequest,
  provider: Provider,
  apiKey: string | null,
  isStream: boolean,
): Record<string, string> {
  return {
    ...message.headers,
    ...(message.method === undefined ? { 'content-type': 'application/json' } : {}),
    accept: isStream ? 'text/event-stream' : 'application/json',
    // Compressed streams arrive in clumps.
    'accept-encoding': 'identity',
    'user-agent': 'sluice',
    ...provider.headers,
    ...(apiKey === null ? {} : provider.kind.authHeaders(apiKey)),
  };
}
