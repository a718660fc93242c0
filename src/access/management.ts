import type { Config } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import { OPEN_ROUTES, type RouteName } from '../protocol/routes.ts';
import type { Act } from './audit.ts';
import type { Directory } from './directory.ts';
import { shownId } from './key-errors.ts';
import type { Key } from './keys.ts';
import type { Reach } from './reach.ts';
import type { RandomBytes } from './secret.ts';
import type { AccessStore } from './store.ts';

/** Who manages: a key, or what is named by itself. */
export type Manager = Pick<Key, 'name' | 'hash' | 'manages'> &
  Partial<Pick<Key, 'expiresAt'>> & { readonly actor?: string };

/** What managing takes of the rest of the house. */
export interface ManagementContext {
  readonly store: AccessStore;
  readonly directory: Pick<Directory, 'changed'>;
  readonly config: () => Pick<Config, 'keys' | 'orgs' | 'passthrough'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: RandomBytes;
  /** Is told the scopes of keys and organisations that are gone. */
  readonly forget: (scope: string) => void;
}

/** Who does something now, as the audit has it. */
export function actOf({ hash, name, actor = `key:${hash ?? name}` }: Manager, now: number): Act {
  return { actor, at: Math.floor(now) };
}

/** How far a manager reaches. @throws GatewayError 403 `route_not_allowed` for a key that manages nothing */
export function reachOf({ manages }: Manager, { orgs }: Pick<Config, 'orgs'>): Reach {
  if (manages === 'everything') return null;
  if (manages === 'nothing') {
    const message = 'Keys, organisations and the audit are managed with a management key. This key calls models.';
    throw new GatewayError('route_not_allowed', message);
  }
  const { org } = manages;
  const fileTeams = [...orgs.values()].filter(({ parent }) => parent === org).map(({ id }) => id);
  const fileOthers = [...orgs.keys()].filter((id) => id !== org && !fileTeams.includes(id));
  return { org, fileTeams, fileOthers };
}

/** Whether the manager may put a key into this organisation, as far as the file tells. */
export function reaches(reach: Reach, orgId: string | null): boolean {
  return reach === null || orgId === reach.org || (orgId !== null && reach.fileTeams.includes(orgId));
}

/**
 * What lives in the provider's account is shared by the keys of all organisations: one of them cannot grant it.
 * @throws GatewayError 403 `route_not_allowed`
 */
export function refuseSharedRoutes(
  reach: Reach,
  routes: readonly RouteName[] | null,
  { passthrough }: Pick<Config, 'passthrough'>,
): void {
  const open = new Set<RouteName>(OPEN_ROUTES);
  const shared = routes?.find((route) => !open.has(route));
  if (reach === null || shared === undefined || passthrough.isShared) return;
  const message = `A key of one organisation cannot grant '${shared}': its things are shared by the keys of all organisations.`;
  throw new GatewayError('route_not_allowed', message, { param: 'routes' });
}

/** A key that is unknown, or out of reach. */
export function noKey(hash: string): GatewayError {
  return new GatewayError('not_found', `There is no key ${shownId(hash)}.`);
}

/** An organisation that is unknown, or out of reach. */
export function noOrg(id: string): GatewayError {
  return new GatewayError('not_found', `There is no organisation ${shownId(id)}.`);
}

/** What is named in a body and does not exist. */
export function wrongOrg(param: 'org_id' | 'parent_id', id: string): GatewayError {
  return new GatewayError('invalid_value', `${param}: there is no organisation ${shownId(id)}.`, { param });
}

/** There is no limit for a `limit_reset`, and no word of that. */
export function noLimitToReset(): GatewayError {
  const message =
    'limit_reset: there is no limit that would begin anew. Send limit, in USD, with it; or "limit": null, which keeps it for later.';
  return new GatewayError('invalid_value', message, { param: 'limit_reset' });
}

/** What stands in the file. */
export function isStatic(what: string): GatewayError {
  const message = `${what} stands in the configuration file, and is changed there.`;
  return new GatewayError('key_is_static', message);
}

/** @throws GatewayError 503 `store_unavailable` */
export async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const message = 'Keys and organisations cannot be reached just now. Try again in a moment.';
    throw new GatewayError('store_unavailable', message, { cause: error });
  }
}
