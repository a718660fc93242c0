import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Directory } from '../../src/access/directory.ts';
import type { AccessStore } from '../../src/access/store.ts';
import type { Limits } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { modelScope } from '../../src/limits/scope.ts';
import { ACCESS_ENGINES, LOOK_UPS, openAccess } from '../support/access.ts';
import { keptKey } from '../support/kept-key.ts';

/** To make one in Postgres takes a millisecond and more. */
const MADE: Readonly<Record<string, number>> = { SQLite: 10_000, Postgres: 1000 };
const AT_ONCE = 50;
const ACT = { actor: 'test', at: 1 };
const ORG = { id: 'acme', name: 'acme', parentId: null, isDisabled: false, limits: {}, models: null, metadata: {} };
const LIMITS: Limits = { rpm: 60, tpm: null, concurrency: null, budget: null, burst: 1, countsCached: false };

/** Makes keys as another process does. @returns their hashes */
async function makeKeys(store: AccessStore, count: number): Promise<readonly string[]> {
  await store.createOrg({ ...ORG, version: 1, createdAt: 1, updatedAt: 1 }, false, ACT);
  const keys = Array.from({ length: count }, () => keptKey({ orgId: 'acme' }));
  for (let at = 0; at < count; at += AT_ONCE) {
    const made = keys.slice(at, at + AT_ONCE);
    await Promise.all(made.map((key) => store.createKey(key, { digest: key.hash }, false, ACT)));
  }
  return keys.map(({ hash }) => hash);
}

describe.each(ACCESS_ENGINES)('keys on %s that another process deletes', (engine, isSkipped, createUrl) => {
  it.skipIf(isSkipped)('leave no accounts in the ledger, thousands of them', { timeout: 120_000 }, async () => {
    const url = await createUrl();
    const [ours, theirs] = [await openAccess(() => url), await openAccess(() => url)];
    const ledger = createMemoryLedger(() => 0);
    const directory = new Directory(ours, {
      isThere: () => true,
      settings: () => LOOK_UPS,
      now: () => 0,
      trouble: (error) => expect(error).toBeNull(),
      limitsChanged: async ({ gone }) => {
        for (const scope of gone) await ledger.forget(scope);
      },
    });
    onTestFinished(() => directory.close());
    const hashes = await makeKeys(theirs, MADE[engine] ?? 0);
    await directory.refresh();
    const scopes = hashes.flatMap((hash) => {
      const scope = { id: `key:${hash}`, role: 'key', model: null } as const;
      return [scope.id, modelScope(scope, 'demo').id];
    });
    for (const id of [...scopes, 'org:acme', 'org:other']) await ledger.change(id, { version: 1, limits: LIMITS });
    const isKnown = async (): Promise<number> => (await ledger.read(scopes)).filter((one) => one !== null).length;
    expect(hashes.length).toBeGreaterThanOrEqual(1000);
    expect(await isKnown()).toBe(2 * hashes.length);
    for (const hash of hashes.slice(0, 10)) await theirs.removeKey(hash, null, ACT);
    await theirs.removeOrg('acme', null, ACT);
    await directory.refresh();
    // It is read beside the look itself.
    await expect.poll(isKnown).toBe(0);
    await nextTurn();
    expect(await ledger.read(['org:acme', 'org:other'])).toMatchObject([null, { inFlight: 0 }]);
  });
});
