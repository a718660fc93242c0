import { Agent, type Dispatcher, request } from 'undici';
import type { UpstreamRequest } from '../dialects/dialect.ts';
import type { Provider } from '../providers/provider.ts';
import { createConnector } from './connector.ts';

/** Idle sockets to a provider are kept this long; most front ends close theirs after 60 s or later. */
const KEEP_ALIVE_MS = 30_000;
/** Recorded heads stay under 8 KB. A head that never ends must not fill the memory. */
const MAX_HEAD_BYTES = 64 * 1024;

/** Connections to all providers: one pool per provider, so that a slow one cannot starve another. */
export interface UpstreamClient {
  send(provider: Provider, apiKey: string | null, message: UpstreamRequest, options: SendOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** How one request is sent. The signal closes its connection. */
export interface SendOptions {
  readonly connectMs: number;
  readonly isStream: boolean;
  readonly signal: AbortSignal;
}

export type Answer = Dispatcher.ResponseData;

export function createUpstreamClient(): UpstreamClient {
  const agents = new Map<string, Agent>();
  const agentOf = (provider: Provider, connectMs: number): Agent => {
    const key = `${provider.baseUrl} ${connectMs} ${provider.maxConnections}`;
    let agent = agents.get(key);
    if (agent === undefined) {
      agent = createAgent(provider, connectMs);
      agents.set(key, agent);
    }
    return agent;
  };
  return {
    send(provider, apiKey, message, { connectMs, isStream, signal }) {
      return request(provider.baseUrl + message.path, {
        method: 'POST',
        dispatcher: agentOf(provider, connectMs),
        headers: { ...message.headers, ...headersOf(provider, apiKey, isStream) },
        body: JSON.stringify(message.body),
        signal,
      });
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function createAgent(provider: Provider, connectMs: number): Agent {
  return new Agent({
    connections: provider.maxConnections,
    pipelining: 1,
    connect: createConnector(connectMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    // undici's own deadlines fire up to half a second late: the exchange has timers of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Nothing of the client's headers goes to a provider: what is sent is written here. */
function headersOf(provider: Provider, apiKey: string | null, isStream: boolean): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: isStream ? 'text/event-stream' : 'application/json',
    // Compressed streams arrive in clumps.
    'accept-encoding': 'identity',
    'user-agent': 'sluice',
    ...provider.headers,
    ...(apiKey === null ? {} : provider.kind.authHeaders(apiKey)),
  };
}
