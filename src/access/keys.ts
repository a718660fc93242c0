import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyConfig } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';

/** Who calls. Without configured keys everybody is the same anonymous caller. */
export interface Key {
  readonly name: string;
  readonly isAdmin: boolean;
}

/** The keys of one configuration. */
export interface KeyRing {
  /** @throws GatewayError 401 `invalid_api_key` when the header names no configured key */
  authenticate(authorization: string | undefined): Key;
}

const ANONYMOUS: Key = { name: 'anonymous', isAdmin: true };

/** Compares digests, each in constant time and all of them always: the time taken tells nothing about a key. */
export function createKeyRing(keys: readonly KeyConfig[]): KeyRing {
  const known = keys.map(({ name, sha256, isAdmin }) => ({
    key: { name, isAdmin },
    digest: Buffer.from(sha256, 'hex'),
  }));
  return {
    authenticate(authorization) {
      if (known.length === 0) return ANONYMOUS;
      const presented = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (presented === undefined) {
        throw new GatewayError('invalid_api_key', 'No API key given. Send it as "Authorization: Bearer <key>".');
      }
      const digest = createHash('sha256').update(presented).digest();
      let found: Key | null = null;
      for (const entry of known) if (timingSafeEqual(entry.digest, digest)) found = entry.key;
      if (found === null) {
        throw new GatewayError('invalid_api_key', 'Incorrect API key. Ask the operator of this gateway for a key.');
      }
      return found;
    },
  };
}
