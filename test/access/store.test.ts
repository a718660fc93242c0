import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/access/audit.ts';
import type { KeptKey, KeptOrg } from '../../src/access/records.ts';
import { createSecret } from '../../src/access/secret.ts';
import type { AccessStore } from '../../src/access/store.ts';
import { ACCESS_ENGINES, openAccess } from '../support/access.ts';
import { keptKey } from '../support/kept-key.ts';

const ACT: Act = { actor: 'key:boss', at: 1000 };

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
      expect(await store.accessState()).toEqual({ version: 1, hasKeys: true, lastEntry: 1 });
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

    it('merges budgets by window and limits of models by limit, and keeps nothing of what is empty', async () => {
      const store = await openAccess(createUrl);
      const before = {
        budgets: { day: 5, month: 9 },
        model_limits: { a: { rpm_limit: 1, tpm_limit: 2 }, b: { rpm_limit: 3 } },
      };
      const { key } = await addKey(store, { limits: before });
      await store.createOrg({ ...keptOrg('acme'), limits: before }, false, ACT);
      for (const [limits, after] of [
        [{ budgets: { day: 3 } }, { ...before, budgets: { day: 3, month: 9 } }],
        [{ budgets: { day: null } }, { ...before, budgets: { month: 9 } }],
        [{ budgets: { month: null } }, { model_limits: before.model_limits }],
        [{ model_limits: { a: { rpm_limit: null } } }, { model_limits: { a: { tpm_limit: 2 }, b: { rpm_limit: 3 } } }],
        [{ model_limits: { a: { tpm_limit: null }, c: {} } }, { model_limits: { b: { rpm_limit: 3 } } }],
        [{ model_limits: { b: null, c: { rpm_limit: 4 } } }, { model_limits: { c: { rpm_limit: 4 } } }],
        [{ budgets: { total: 1 }, model_limits: null }, { budgets: { total: 1 } }],
        [{ budgets: null }, {}],
      ] as const) {
        expect(await store.changeKey(key.hash, null, { limits }, false, ACT)).toMatchObject({ limits: after });
        expect((await store.findKey(key.hash, null))?.limits).toEqual(after);
        await store.changeOrg('acme', null, { limits }, ACT);
        expect((await store.findOrg('acme'))?.limits).toEqual(after);
      }
    });

    it('writes nothing where a change changes nothing', async () => {
      const store = await openAccess(createUrl);
      const limits = { limit_reset: 'daily', budgets: { day: 5, month: 9 } } as const;
      const { key } = await addKey(store, { limits, models: ['demo'] });
      await store.createOrg({ ...keptOrg('acme'), limits }, false, ACT);
      const before = await store.accessState();
      for (const same of [
        {},
        { limits: {} },
        { limits: { budgets: { month: 9 }, rpm_limit: null } },
        { name: 'team' },
      ]) {
        expect(await store.changeKey(key.hash, null, same, false, { ...ACT, at: 2000 })).toEqual(key);
        const org = await store.changeOrg('acme', null, { ...same, name: 'acme' }, { ...ACT, at: 2000 });
        expect(org).toEqual({ ...keptOrg('acme'), limits });
      }
      const move = { orgId: null, models: ['demo'], isDisabled: false };
      expect(await store.changeKey(key.hash, null, move, false, { ...ACT, at: 2000 })).toEqual(key);
      expect(await store.accessState()).toEqual(before);
      expect(await store.changeKey(key.hash, null, { limits: { limit_reset: 'daily' } }, false, ACT)).toBe('no-limit');
    });

    it('tells each of two organisations of a key that was moved what its managers may know', async () => {
      const store = await openAccess(createUrl);
      for (const id of ['a', 'b']) await store.createOrg(keptOrg(id), false, ACT);
      const { key } = await addKey(store, { orgId: 'a', limits: { limit: 5 }, expiresAt: 9000 });
      const { lastEntry } = await store.accessState();
      const change = { orgId: 'b', limits: { limit: 7 }, expiresAt: null };
      await store.changeKey(key.hash, null, change, false, ACT);
      const told = async (org: string | null) => {
        const reach = org === null ? null : { org, fileTeams: [], fileOthers: [] };
        const entries = await store.listAudit(reach, { subject: key.hash, limit: 9, before: null });
        return entries.filter(({ seq }) => seq > lastEntry);
      };
      const facts = { name: 'team', label: key.label };
      const left = { action: 'key.left', orgId: 'a', change: { ...facts, limits: { limit: 5 }, expires_at: 9000 } };
      const joined = { action: 'key.joined', orgId: 'b', change: { ...facts, org_id: 'b', limits: { limit: 7 } } };
      expect(await told('a')).toMatchObject([left]);
      expect(JSON.stringify((await told('a'))[0]?.change)).not.toMatch(/"b"|:7/);
      expect(await told('b')).toMatchObject([joined]);
      expect(JSON.stringify((await told('b'))[0]?.change)).not.toMatch(/"a"|:9000|:5/);
      expect(await told(null)).toMatchObject([joined, left]);
      expect((await store.limitsChangedSince(lastEntry, lastEntry)).scopes).toMatchObject([
        { id: `key:${key.hash}`, version: 2, limits: { budget: { total: 7e9 } } },
      ]);
    });

    it('lets the secret before a rotation hold until its grace is over, and not at all without one', async () => {
      const store = await openAccess(createUrl);
      const { key, digest } = await addKey(store);
      const second = createSecret(randomBytes);
      const rotated = await store.rotateKey(key.hash, null, second, 5000, { ...ACT, at: 2000 });
      expect(rotated).toMatchObject({ hash: key.hash, label: second.label, version: 2, oldSecretUntil: 5000 });
      expect((await store.findKey(key.hash, null))?.oldSecretUntil).toBe(5000);
      expect((await store.findBySecret(digest))?.secretUntil).toBe(5000);
      expect((await store.findBySecret(second.digest))?.secretUntil).toBeNull();
      const third = createSecret(randomBytes);
      await store.rotateKey(key.hash, null, third, 2000, { ...ACT, at: 2000 });
      expect((await store.findKey(key.hash, null))?.oldSecretUntil).toBeNull();
      expect(await store.findBySecret(digest)).toBeNull();
      expect(await store.findBySecret(second.digest)).toBeNull();
      expect((await store.findBySecret(third.digest))?.key.hash).toBe(key.hash);
    });

    it('lists keys in pages, the newest first, and disabled ones only when asked to', async () => {
      const store = await openAccess(createUrl);
      await store.createOrg(keptOrg('acme'), false, ACT);
      for (let at = 1; at <= 5; at++) await addKey(store, { name: `k${at}`, createdAt: at, isDisabled: at === 3 });
      await addKey(store, { name: 'of acme', orgId: 'acme', createdAt: 9 });
      const query = { orgId: null, includesDisabled: false, words: null, offset: 0, limit: 2 };
      const first = await store.listKeys(null, query);
      expect([first.total, first.keys.map(({ name }) => name)]).toEqual([5, ['of acme', 'k5']]);
      const all = await store.listKeys(null, { ...query, includesDisabled: true, offset: 2, limit: 100 });
      expect([all.total, all.keys.map(({ name }) => name)]).toEqual([6, ['k4', 'k3', 'k2', 'k1']]);
      const own = await store.listKeys(null, { ...query, orgId: 'acme' });
      expect(own.keys.map(({ name }) => name)).toEqual(['of acme']);
    });

    it('finds keys by a part of the name or the beginning of the hash, and takes no sign for a wildcard', async () => {
      const store = await openAccess(createUrl);
      const { key } = await addKey(store, { name: 'Team 100%_a' });
      await addKey(store, { name: 'team b' });
      const found = async (words: string): Promise<readonly string[]> => {
        const query = { orgId: null, includesDisabled: false, words, offset: 0, limit: 10 };
        const { keys, total } = await store.listKeys(null, query);
        expect(total).toBe(keys.length);
        return keys.map(({ name }) => name).sort();
      };
      expect(await found('TEAM')).toEqual(['Team 100%_a', 'team b']);
      expect(await found('100%_')).toEqual(['Team 100%_a']);
      expect(await found('m%b')).toEqual([]);
      expect(await found('team_b')).toEqual([]);
      expect(await found('\\')).toEqual([]);
      expect(await found(key.hash.slice(0, 12))).toEqual(['Team 100%_a']);
    });

    it('finds keys in any case of any letters, in pages', async () => {
      const store = await openAccess(createUrl);
      const names = ['Ärzte Süd', 'ÄRZTE 100%', 'arzte', 'STRASSE', 'Straße', 'A\u0308rzte', 'Москва'];
      for (const [at, name] of names.entries())
        await addKey(store, { name, createdAt: at, isDisabled: name === 'Москва' });
      const query = { orgId: null, includesDisabled: true, offset: 0, limit: 10 };
      const found = async (words: string): Promise<readonly string[]> => {
        const { keys, total } = await store.listKeys(null, { ...query, words });
        expect(total).toBe(keys.length);
        return keys.map(({ name }) => name);
      };
      for (const words of ['Ärzte', 'ärzte', 'ÄRZTE', 'a\u0308rz'])
        expect(await found(words)).toEqual(['A\u0308rzte', 'ÄRZTE 100%', 'Ärzte Süd']);
      expect(await found('ärzte%')).toEqual([]);
      expect(await found('ÄRZTE 100%')).toEqual(['ÄRZTE 100%']);
      expect(await found('arzte')).toEqual(['arzte']);
      expect(await found('straße')).toEqual(['Straße', 'STRASSE']);
      expect(await found('МОСК')).toEqual(['Москва']);
      expect(await found('Ю')).toEqual([]);
      const page = await store.listKeys(null, { ...query, words: 'ä', offset: 1, limit: 1 });
      expect([page.total, page.keys.map(({ name }) => name)]).toEqual([3, ['ÄRZTE 100%']]);
      expect((await store.listKeys(null, { ...query, words: 'моск', includesDisabled: false })).total).toBe(0);
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
      const reach = { org: 'a', fileTeams: [], fileOthers: [] };
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

    it('reaches what is on record of a team that is gone, for its organisation alone', async () => {
      const store = await openAccess(createUrl);
      for (const id of ['a', 'b']) await store.createOrg(keptOrg(id), false, ACT);
      for (const id of ['team', 'left']) await store.createOrg(keptOrg(id, 'a'), false, ACT);
      const { key } = await addKey(store, { orgId: 'team' });
      const reach = { org: 'a', fileTeams: ['of-file'], fileOthers: [] };
      await store.removeOrg('team', reach, ACT);
      const audit = async (org: string) =>
        (
          await store.listAudit({ org, fileTeams: [], fileOthers: [] }, { subject: key.hash, limit: 9, before: null })
        ).map(({ action }) => action);
      expect(await audit('a')).toEqual(['key.deleted', 'key.created']);
      expect(await audit('b')).toEqual([]);
      expect(await store.everReached(reach)).toEqual(['a', 'of-file', 'left', 'team']);
      expect(await store.everReached({ org: 'b', fileTeams: [], fileOthers: [] })).toEqual(['b']);
      const given = { ...reach, fileOthers: ['team', 'b'] };
      expect(await store.everReached(given)).toEqual(['a', 'of-file', 'left']);
      expect(await store.listAudit(given, { subject: key.hash, limit: 9, before: null })).toEqual([]);
      expect((await store.listOrgs(reach, 0, 9)).orgs.map(({ id }) => id)).toEqual(['a', 'left']);
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
