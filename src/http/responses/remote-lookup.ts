import type { Response } from 'express';
import { resolvePolicy } from '../../config/config.ts';
import type { KeptResponse, RemotePlace } from '../../conversations/records.ts';
import type { UpstreamRequest } from '../../languages/dialect.ts';
import { failureOf } from '../../languages/failure.ts';
import { renamed } from '../../languages/responses/native.ts';
import { GatewayError, toGatewayError } from '../../protocol/errors.ts';
import { AttemptError } from '../../protocol/failure.ts';
import type { Provider } from '../../providers/provider.ts';
import { findKey } from '../../upstream/key-pool.ts';
import type { Lookup } from '../../upstream/lookup.ts';
import type { Services, Snapshot } from '../services.ts';

/** A response that its provider keeps. */
export type RemoteResponse = KeptResponse & { readonly remote: RemotePlace };

/** True for a response that its provider keeps. */
export function isRemote(response: KeptResponse): response is RemoteResponse {
  return response.remote !== null;
}

/** What asking a provider takes. */
export type LookupServices = Pick<Services, 'snapshot' | 'calls' | 'answers'>;

/**
 * A question about a response, for the provider that keeps it, under the key that made it.
 * @param rest the path behind the provider's id of it, with its query
 * @throws GatewayError 404 where the provider is configured no longer
 */
export function lookupFor(
  kept: RemoteResponse,
  method: 'GET' | 'POST' | 'DELETE',
  rest: string,
  signal: AbortSignal,
  { snapshot, calls }: LookupServices,
): Lookup {
  const { remote } = kept;
  const { client, providerKeys, now } = calls.context;
  const provider = providerOf(kept, snapshot());
  // A key that was changed since may be of the same account.
  const key = (remote.key === null ? null : findKey(provider, remote.key)) ?? providerKeys.pinned(provider);
  const path = `/responses/${encodeURIComponent(remote.id)}${rest}`;
  const message: UpstreamRequest = { path, body: {}, dropped: [], ...(method === 'POST' ? {} : { method }) };
  const { providers, policies } = snapshot().config;
  const { timeouts } = resolvePolicy(providers.get(remote.provider)?.entry ?? {}, policies);
  return { client, provider, apiKey: key?.value ?? null, message, timeouts, failure: failureOf, now, signal };
}

function providerOf({ id, remote }: RemoteResponse, { providers }: Pick<Snapshot, 'providers'>): Provider {
  const provider = providers.get(remote.provider);
  if (provider?.disabledBecause === null) return provider;
  const message = `Response with id '${id}' cannot be asked for: its provider '${remote.provider}' is configured no longer, or has no key.`;
  throw new GatewayError('not_found', message, { bodyCode: null });
}

/** What a client is told of a question that failed. */
export function toLookupError(error: unknown, { id, remote }: RemoteResponse): unknown {
  if (!(error instanceof AttemptError)) return error;
  const { failure } = error;
  if (failure.kind === 'not-found') {
    return new GatewayError('not_found', `Response with id '${id}' not found.`, { bodyCode: null, cause: error });
  }
  return toGatewayError(renamed(failure, { ours: id, theirs: remote.id }), error);
}

/** Aborts when the client leaves. */
export function whileOpen(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new GatewayError('client_closed', 'The client closed the connection.')));
  return gone.signal;
}
