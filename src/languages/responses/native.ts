import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Dialect, NewId } from '../dialect.ts';
import { createResponsesDialect } from './responses.ts';
import { type NativeVariant, toNativeRequest } from './upstream-native.ts';

/** True for a request that can go in the words of its client, who speaks Responses. */
export function isNativeRequest({ origin, messages }: ModelRequest): boolean {
  return origin.itemsOf(messages) !== null;
}

/**
 * Responses between a client and a provider that both speak it: what the client wrote goes up, what the provider wrote
 * comes down. Ask it native requests alone.
 */
export function createNativeDialect(variant: NativeVariant, newId: NewId): Dialect {
  const toBody = (request: ModelRequest, facts: Parameters<Dialect['request']>[1]) =>
    toNativeRequest(request, facts, variant);
  return createResponsesDialect({ path: '/responses', toBody, hasOwnFunctions: false, isNative: true }, newId);
}
