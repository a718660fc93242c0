import { hash, timingSafeEqual } from 'node:crypto';
import type { KeyConfig } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import { toFileLimits } from './file-limits.ts';
import type { GovernedScope } from './limits.ts';
import { ALL_ROUTES, routesOf } from './routes.ts';

/** Who calls. Without configured keys everybody is the same anonymous caller. */
export interface Key {
  /** Whose calls they are; no two callers have one. */
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** What it may ask. */
  readonly routes: ReadonlySet<RouteName>;
  /** What each of its calls has to pass. */
  readonly scopes: readonly GovernedScope[];
  /** False where none of the scopes limits anything. */
  readonly isGoverned: boolean;
}

/** The keys of one configuration. */
export interface KeyRing {
  /** @throws GatewayError 401 `invalid_api_key` when the header names no configured key */
  authenticate(authorization: string | undefined): Key;
}

const ANONYMOUS: Key = {
  id: 'anonymous',
  name: 'anonymous',
  isAdmin: true,
  routes: ALL_ROUTES,
  scopes: [],
  isGoverned: false,
};

interface KnownKey {
  readonly key: Key;
  readonly digest: Buffer;
}

/**
 * Looks a key up by its digest: the time of that tells nothing about a key, because a caller that does not have one cannot
 * choose its digest either. What was found is compared in constant time all the same.
 * @param isShared `passthrough.shared`
 */
export function createKeyRing(keys: readonly KeyConfig[], isShared: boolean): KeyRing {
  const known = new Map(keys.map((config) => toEntry(config, isShared)));
  return {
    authenticate(authorization) {
      if (known.size === 0) return ANONYMOUS;
      const presented = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (presented === undefined) {
        throw new GatewayError('invalid_api_key', 'No API key given. Send it as "Authorization: Bearer <key>".');
      }
      const digest = hash('sha256', presented, 'buffer');
      const found = known.get(nameOf(digest));
      if (found === undefined || !timingSafeEqual(found.digest, digest)) {
        throw new GatewayError('invalid_api_key', 'Incorrect API key. Ask the operator of this gateway for a key.');
      }
      return found.key;
    },
  };
}

function toEntry(config: KeyConfig, isShared: boolean): readonly [string, KnownKey] {
  const { name, sha256, isAdmin, routes } = config;
  const limits = toFileLimits(config);
  const key: Key = {
    id: name,
    name,
    isAdmin,
    routes: routesOf({ isAdmin, routes }, isShared),
    scopes: [{ id: `key:${name}`, role: 'key', version: 0, limits }],
    isGoverned: limits !== null,
  };
  const digest = Buffer.from(sha256, 'hex');
  return [nameOf(digest), { key, digest }];
}

function nameOf(digest: Buffer): string {
  return digest.toString('latin1');
}
