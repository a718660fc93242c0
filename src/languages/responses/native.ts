import type { Failure } from '../../protocol/failure.ts';
import type { ModelRequest, RemoteName } from '../../protocol/model-request.ts';
import type { Adapted, Dialect, ModelFacts, NewId } from '../dialect.ts';
import { createResponsesDialect } from './responses.ts';
import { type NativeVariant, toNativeRequest, toRemoteRequest } from './upstream-native.ts';

/** True for a request that can go in the words of its client, who speaks Responses. */
export function isNativeRequest({ origin, messages }: ModelRequest): boolean {
  return origin.itemsOf(messages) !== null;
}

/**
 * Responses between a client and a provider that both speak it: what the client wrote goes up, what the provider wrote
 * comes down. Ask it native requests alone.
 */
export function createNativeDialect(variant: NativeVariant, newId: NewId): Dialect {
  return dialectOf((request, facts) => toNativeRequest(request, facts, variant), newId);
}

/** Native dialects for a provider that may keep what it answers: each request says whether it does. */
export function createNativeChoice(
  variant: NativeVariant,
  keepsResponses: boolean,
  newId: NewId,
): (request: ModelRequest) => Dialect {
  const native = createNativeDialect(variant, newId);
  if (!keepsResponses) return () => native;
  const remote = dialectOf((request, facts) => toRemoteRequest(request, facts, variant), newId);
  return ({ origin }) => {
    if (origin.remote === undefined) return native;
    const { parent } = origin.remote;
    return parent === null ? remote : { ...remote, failure: (...told) => renamed(remote.failure(...told), parent) };
  };
}

function dialectOf(toBody: (request: ModelRequest, facts: ModelFacts) => Adapted, newId: NewId): Dialect {
  return createResponsesDialect({ path: '/responses', toBody, hasOwnFunctions: false, isNative: true }, newId);
}

/** Shorter ids may be words of the message. */
const MIN_ID_CHARS = 8;

/** A failure that names a response by our id, where its provider has named it by its own. */
export function renamed(failure: Failure, { ours, theirs }: RemoteName): Failure {
  if (theirs.length < MIN_ID_CHARS || !failure.message.includes(theirs)) return failure;
  return { ...failure, message: failure.message.replaceAll(theirs, ours) };
}
