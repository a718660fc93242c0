import type { Key } from '../access/keys.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { ROUTES, type RouteName, SHARED_ROUTES } from '../protocol/routes.ts';
import { storedRoutesOf } from '../protocol/stored-content.ts';

/** @throws GatewayError 403 `route_not_allowed` that says who can change it */
export function requireRoute({ routes, manages }: Key, route: RouteName): void {
  if (routes.has(route)) return;
  if (manages !== 'nothing') {
    const message = `This key manages keys and organisations, and may not use '${route}'. Call with a key of the kind 'call'.`;
    throw new GatewayError('route_not_allowed', message);
  }
  const isShared = SHARED_ROUTES.some((shared) => shared === route);
  const why = isShared ? ", whose things live in the provider's account, shared by all keys" : '';
  const everybody = isShared ? ', or to every key with passthrough.shared: true' : '';
  throw new GatewayError(
    'route_not_allowed',
    `Your key may not use '${route}'${why}. The operator of this gateway grants it by the key's routes${everybody}.`,
  );
}

/** @throws GatewayError 403 for a request that names what is stored at a provider, by a key that may not */
export function requireStoredRoutes(key: Key, request: ModelRequest): void {
  // A key with all routes may name whatever there is: then it is not looked for.
  if (key.routes.size === ROUTES.length) return;
  for (const route of storedRoutesOf(request)) requireRoute(key, route);
}

/** @param what such as `GET /v1/providers` @throws GatewayError 403 `route_not_allowed` for a key that is no admin's */
export function requireAdmin({ isAdmin }: Key, what: string): void {
  if (isAdmin) return;
  throw new GatewayError('route_not_allowed', `${what} is the operator's: it wants a key with admin: true.`);
}
