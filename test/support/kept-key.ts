import { randomBytes } from 'node:crypto';
import type { KeptKey } from '../../src/access/records.ts';
import { createHashId } from '../../src/access/secret.ts';

/** A key as it is kept, which limits nothing. */
export function keptKey(parts: Partial<KeptKey> = {}): KeptKey {
  return {
    hash: createHashId(randomBytes),
    orgId: null,
    kind: 'call',
    name: 'team',
    label: 'sk-sl-abc…wxyz',
    isDisabled: false,
    expiresAt: null,
    limits: {},
    models: null,
    routes: null,
    metadata: {},
    creator: 'key:boss',
    version: 1,
    createdAt: 1000,
    updatedAt: 1000,
    lastUsedAt: null,
    oldSecretUntil: null,
    ...parts,
  };
}
