import type { Key } from '../access/keys.ts';
import { GatewayError } from '../protocol/errors.ts';
import { type RouteName, SHARED_ROUTES } from '../protocol/routes.ts';

/** @throws GatewayError 403 `route_not_allowed` that says who can change it */
export function requireRoute({ routes }: Key, route: RouteName): void {
  if (routes.has(route)) return;
  const isShared = SHARED_ROUTES.some((shared) => shared === route);
  const why = isShared ? ", whose things live in the provider's account, shared by all keys" : '';
  const everybody = isShared ? ', or to every key with passthrough.shared: true' : '';
  throw new GatewayError(
    'route_not_allowed',
    `Your key may not use '${route}'${why}. The operator of this gateway grants it by the key's routes${everybody}.`,
  );
}
