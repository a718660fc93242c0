import type { Key } from '../../src/access/keys.ts';
import type { KeyConfig } from '../../src/config/config.ts';

/** A caller with a key of the file, which may ask nothing. */
export function keyNamed(name: string, parts: Partial<Key> = {}): Key {
  return {
    id: name,
    name,
    hash: null,
    label: null,
    expiresAt: null,
    limits: {},
    isAdmin: false,
    manages: 'nothing',
    routes: new Set(),
    org: null,
    servesOrgs: false,
    owner: `key:${name}`,
    models: [],
    scopes: [],
    isGoverned: false,
    ...parts,
  };
}

/** A key of the file of which nothing is said. */
export function keyConfig(name: string, sha256: string, parts: Partial<KeyConfig> = {}): KeyConfig {
  const none = { org: null, orgs: null, models: null, limits: null, budget: null };
  return { name, sha256, isAdmin: false, routes: null, kind: 'call', ...none, ...parts };
}
