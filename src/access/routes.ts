import type { KeyConfig } from '../config/config.ts';
import { OPEN_ROUTES, ROUTES, type RouteName } from '../protocol/routes.ts';

/** All there are: an admin's, and everybody's where there are no keys. */
export const ALL_ROUTES: ReadonlySet<RouteName> = new Set(ROUTES);

/**
 * What a key may ask. Its own list is the whole of it, also where `passthrough.shared` opens to all others what lives in
 * the provider's account.
 */
export function routesOf({ isAdmin, routes }: Pick<KeyConfig, 'isAdmin' | 'routes'>, isShared: boolean) {
  if (isAdmin) return ALL_ROUTES;
  return new Set<RouteName>(routes ?? (isShared ? ROUTES : OPEN_ROUTES));
}
