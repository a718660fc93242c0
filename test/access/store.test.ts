import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/access/audit.ts';
import type { KeptKey, KeptOrg } from '../../src/access/records.ts';
import { createHashId, createSecret } from '../../src/access/secret.ts';
import type { AccessStore } from '../../src/access/store.ts';
import { ACCESS_ENGINES, openAccess } from '../support/access.ts';

const ACT: Act = { actor: 'key:boss', at: 1000 };

function keptKey(parts: Partial<KeptKey> = {}): KeptKey {
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
    ...parts,
  };
}

function keptOrg(id: string, parentId: string | null = null): KeptOrg {
  const times = { version: 1, createdAt: 1000, updatedAt: 1000 };
  return { id, name: id, parentId, isDisabled: false, limits: {}, models: null, metadata: {}, ...times };
}

async function addKey(store: AccessStore, parts: Partial<KeptKey> = {}): Promise<{ key: KeptKey; digest: string }> {
  const key = keptKey(parts);
  const { digest } = createSecret(randomBytes);
  expect(await store.createKey(key, { digest }, false, ACT)).toBe(true);
  return { key, digest };
}

describe.each(ACCESS_ENGINES)('keys and organisations on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('the store', () => {
    it('finds a key by the digest of its secret, as it was put down', async () => {
      const store = await openAccess(createUrl);
      const limits = { rpm_limit: 5, budgets: { day: 1.5 } };
      const { key, digest } = await addKey(store, {
        limits,
        models: ['gpt-*'],
        routes: ['chat'],
        metadata: { a: [1] },
      });
      expect(await store.findBySecret(digest)).toEqual({ key, secretUntil: null, orgs: { org: null, parent: null } });
      expect(await store.findBySecret('0'.repeat(64))).toBeNull();
      expect(await store.accessState()).toEqual({ version: 1, hasKeys: true });
    });

    it('keeps what a change does not name, merges limits, and removes what is null', async () => {
      const store = await openAccess(createUrl);
      const { key } = await addKey(store, { limits: { rpm_limit: 5, limit: 10 }, metadata: { a: 1 } });
      const change = { name: 'other', limits: { limit: null, tpm_limit: 7 } };
      const changed = await store.changeKey(key.hash, null, change, false, { ...ACT, at: 2000 });
      expect(changed).toEqual({
        ...key,
        name: 'other',
        limits: { rpm_limit: 5, tpm_limit: 7 },
        version: 2,
        updatedAt: 2000,
      });
      const [entry] = await store.listAudit(null, { subject: key.hash, limit: 1, before: null });
      expect(entry).toMatchObject({
        actor: 'key:boss',
        action: 'key.changed',
        change: { name: ['team', 'other'], limits: [key.limits, { rpm_limit: 5, tpm_limit: 7 }] },
      });
    });

    it('lets the secret before a rotation hold until its grace is over, and not at all without one', async () => {
      const store = await openAccess(createUrl);
      const { key, digest } = await addKey(store);
      const second = createSecret(randomBytes);
      const rotated = await store.rotateKey(key.hash, null, second, 5000, { ...ACT, at: 2000 });
      expect(rotated).toMatchObject({ hash: key.hash, label: second.label, version: 2 });
      expect((await store.findBySecret(digest))?.secretUntil).toBe(5000);
      expect((await store.findBySecret(second.digest))?.secretUntil).toBeNull();
      const third = createSecret(randomBytes);
      await store.rotateKey(key.hash, null, third, 2000, { ...ACT, at: 2000 });
      expect(await store.findBySecret(digest)).toBeNull();
      expect(await store.findBySecret(second.digest)).toBeNull();
      expect((await store.findBySecret(third.digest))?.key.hash).toBe(key.hash);
    });

    it('lists keys in pages, the newest first, and disabled ones only when asked to', async () => {
      const store = await openAccess(createUrl);
      await store.createOrg(keptOrg('acme'), false, ACT);
      for (let at = 1; at <= 5; at++) await addKey(store, { name: `k${at}`, createdAt: at, isDisabled: at === 3 });
      await addKey(store, { name: 'of acme', orgId: 'acme', createdAt: 9 });
      const query = { orgId: null, includesDisabled: false, offset: 0, limit: 2 };
      const first = await store.listKeys(null, query);
      expect([first.total, first.keys.map(({ name }) => name)]).toEqual([5, ['of acme', 'k5']]);
      const all = await store.listKeys(null, { ...query, includesDisabled: true, offset: 2, limit: 100 });
      expect([all.total, all.keys.map(({ name }) => name)]).toEqual([6, ['k4', 'k3', 'k2', 'k1']]);
      const own = await store.listKeys(null, { ...query, orgId: 'acme' });
      expect(own.keys.map(({ name }) => name)).toEqual(['of acme']);
    });

    it('reaches an organisation and its teams, and nothing else', async () => {
      const store = await openAccess(createUrl);
      for (const [id, parent] of [
        ['a', null],
        ['team', 'a'],
        ['b', null],
      ] as const)
        expect(await store.createOrg(keptOrg(id, parent), false, ACT)).toBe('created');
      const keys = await Promise.all(['a', 'team', 'b', null].map((orgId) => addKey(store, { orgId })));
      const reach = { org: 'a', fileTeams: [] };
      const found = await Promise.all(keys.map(({ key }) => store.findKey(key.hash, reach)));
      expect(found.map((key) => key?.orgId)).toEqual(['a', 'team', undefined, undefined]);
      const foreign = keys[2]?.key.hash ?? '';
      expect(await store.changeKey(foreign, reach, { isDisabled: true }, false, ACT)).toBeNull();
      expect(await store.removeKey(foreign, reach, ACT)).toBe(false);
      expect((await store.listOrgs(reach, 0, 10)).orgs.map(({ id }) => id)).toEqual(['a', 'team']);
      expect(await store.changeOrg('a', reach, { name: 'x' }, ACT)).toBeNull();
      expect(await store.changeOrg('team', reach, { name: 'x' }, ACT)).toMatchObject({ name: 'x', version: 2 });
      const audit = await store.listAudit(reach, { subject: null, limit: 100, before: null });
      expect(new Set(audit.map(({ orgId }) => orgId))).toEqual(new Set(['a', 'team']));
    });

    it('has teams of organisations, and no teams of teams', async () => {
      const store = await openAccess(createUrl);
      expect(await store.createOrg(keptOrg('a'), false, ACT)).toBe('created');
      expect(await store.createOrg(keptOrg('a'), false, ACT)).toBe('taken');
      expect(await store.createOrg(keptOrg('team', 'a'), false, ACT)).toBe('created');
      expect(await store.createOrg(keptOrg('x', 'team'), false, ACT)).toBe('deep');
      expect(await store.createOrg(keptOrg('x', 'nowhere'), false, ACT)).toBe('orphan');
      expect(await store.createKey(keptKey({ orgId: 'nowhere' }), { digest: 'd' }, false, ACT)).toBe(false);
    });

    it('removes an organisation with its teams and all their keys', async () => {
      const store = await openAccess(createUrl);
      await store.createOrg(keptOrg('a'), false, ACT);
      await store.createOrg(keptOrg('team', 'a'), false, ACT);
      const keys = await Promise.all(['a', 'team', null].map((orgId) => addKey(store, { orgId })));
      expect(await store.removeOrg('a', null, ACT)).toContain('org:a');
      const found = await Promise.all(keys.map(({ digest }) => store.findBySecret(digest)));
      expect(found.map((one) => one === null)).toEqual([true, true, false]);
      expect((await store.listOrgs(null, 0, 10)).total).toBe(0);
      // Its stored answers are still there, under its id.
      expect(await store.createOrg(keptOrg('a'), false, ACT)).toBe('taken');
    });

    it('counts every change once, also of many at a time, each with its entry in the audit', async () => {
      const store = await openAccess(createUrl);
      const { key } = await addKey(store);
      const changes = Array.from({ length: 20 }, (_, at) =>
        store.changeKey(key.hash, null, { name: `n${at}` }, false, ACT),
      );
      const versions = (await Promise.all(changes)).map((changed) => (changed as KeptKey).version);
      expect(new Set(versions).size).toBe(20);
      expect((await store.accessState()).version).toBe(21);
      expect(await store.listAudit(null, { subject: key.hash, limit: 100, before: null })).toHaveLength(21);
    });
  });
});
