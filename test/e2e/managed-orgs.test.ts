import { describe, expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { chatWith, type ManagedScene, openManaged } from '../support/managed.ts';

const FILE = `orgs:
  acme: { limits: { rpm: 100 }, budget: { month: 500 }, models: ["demo*", many] }
  closed: { disabled: true }
  inner: { parent: acme }
auth:
  keys:
    - { name: admin, key: key-of-the-admin-1, admin: true }
    - { name: of-acme, key: key-of-acme-000001, org: acme, budget: { day: 5 } }
    - { name: of-closed, key: key-of-closed-0001, org: closed }
    - { name: of-late, key: key-of-late-000001, org: late }
    - { name: tenants, key: key-of-tenants-001, orgs: [acme, late, closed] }
    - { name: everybody, key: key-of-everybody-1, orgs: "*" }
    - { name: ops, key: key-of-ops-0000001, kind: management }
`;

function idsOf(body: unknown): unknown[] {
  return recordsOf(body).map(({ id }) => id);
}

/** Two organisations with a manager each. */
async function withManagers({ boss, make }: ManagedScene) {
  for (const id of ['a', 'b']) await boss('POST', '/v1/orgs', { id });
  const [ofA, ofB] = [
    await make({ name: 'manager of a', kind: 'management', org_id: 'a' }),
    await make({ name: 'manager of b', kind: 'management', org_id: 'b' }),
  ];
  return { ofA, ofB };
}

describe.each(ACCESS_ENGINES)('organisations on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('the gateway', () => {
    it('manages no further than its organisation, and not what limits it', async () => {
      const scene = await openManaged(await createUrl(), 'orgs: { team-of-a: {} }');
      const { ofA, ofB } = await withManagers(scene);
      const team = await ofA.ask('POST', '/v1/orgs', { id: 'team', limit: 3 });
      expect([team.status, team.data]).toMatchObject([201, { id: 'team', parent_id: 'a', limit: 3 }]);
      const made = await ofA.ask('POST', '/v1/keys', { name: 'worker', org_id: 'team' });
      expect([made.status, made.data['org_id']]).toEqual([201, 'team']);
      const ofPlain = await ofA.ask('POST', '/v1/keys', { name: 'plain' });
      expect(ofPlain.data['org_id']).toBe('a');
      const hash = String(made.data['hash']);
      for (const [ask, method, path, body, expected] of [
        [ofA.ask, 'POST', '/v1/keys', { name: 'x', org_id: 'b' }, [403, 'org_mismatch']],
        [ofA.ask, 'POST', '/v1/keys', { name: 'x', org_id: 'nobody' }, [403, 'org_mismatch']],
        [ofA.ask, 'PATCH', `/v1/keys/${hash}`, { org_id: 'b' }, [403, 'org_mismatch']],
        [ofA.ask, 'PATCH', `/v1/keys/${hash}`, { org_id: null }, [403, 'org_mismatch']],
        [ofA.ask, 'PATCH', `/v1/keys/${hash}`, { routes: ['files'] }, [403, 'route_not_allowed']],
        [ofA.ask, 'PATCH', `/v1/keys/${ofA.hash}`, { expires_at: null }, [403, 'route_not_allowed']],
        [ofA.ask, 'PATCH', '/v1/orgs/a', { limit: 1000 }, [403, 'route_not_allowed']],
        [ofA.ask, 'DELETE', '/v1/orgs/a', undefined, [403, 'route_not_allowed']],
        [ofA.ask, 'POST', '/v1/orgs', { id: 'x', parent_id: 'b' }, [403, 'org_mismatch']],
        [ofA.ask, 'GET', '/v1/orgs/b', undefined, [404, 'not_found']],
        [ofA.ask, 'PATCH', '/v1/orgs/b', {}, [404, 'not_found']],
        [ofA.ask, 'PATCH', '/v1/orgs/team-of-a', {}, [404, 'not_found']],
        [ofB.ask, 'GET', `/v1/keys/${hash}`, undefined, [404, 'not_found']],
        [ofB.ask, 'DELETE', `/v1/keys/${hash}`, undefined, [404, 'not_found']],
        [ofB.ask, 'POST', `/v1/keys/${hash}/rotate`, {}, [404, 'not_found']],
      ] as const) {
        const { status, code } = await ask(method, path, body);
        expect([method, path, body, status, code]).toEqual([method, path, body, ...expected]);
      }
      expect((await ofA.ask('PATCH', '/v1/orgs/team', { limit: 4 })).data['limit']).toBe(4);
      expect(idsOf((await ofA.ask('GET', '/v1/orgs')).body['data'])).toEqual(['a', 'team']);
      expect((await ofB.ask('GET', '/v1/keys')).body['total']).toBe(1);
      const audit = recordsOf((await ofB.ask('GET', '/v1/audit')).body['data']);
      expect(new Set(audit.map(({ org_id: id }) => id))).toEqual(new Set(['b']));
      await chatWith(scene.as(String(made.body['key'])));
      const used = await Promise.all(['', '?org=a', '?org=team'].map((query) => ofA.ask('GET', `/v1/usage${query}`)));
      expect(used.map(({ body }) => recordOf(body['total'])['calls'])).toEqual([1, 0, 1]);
      await chatWith(scene.as(String(ofPlain.body['key'])));
      const byOrg = async (): Promise<unknown> => {
        const { body } = await ofA.ask('GET', '/v1/usage?group_by=org');
        return [recordOf(body['total'])['calls'], ...recordsOf(body['data']).map(({ org, calls }) => [org, calls])];
      };
      expect(await byOrg()).toEqual([2, ['a', 1], ['team', 1]]);
      expect(recordsOf((await ofA.ask('GET', '/v1/usage/records')).body['data'])).toHaveLength(2);
      expect((await ofA.ask('DELETE', '/v1/orgs/team')).status).toBe(200);
      expect(await byOrg()).toEqual([2, ['a', 1], ['team', 1]]);
      expect(recordOf((await ofA.ask('GET', '/v1/usage?org=team')).body['total'])['calls']).toBe(1);
      expect((await ofB.ask('GET', '/v1/usage?org=team')).code).toBe('not_found');
      const gone = recordsOf((await ofA.ask('GET', '/v1/audit?limit=2')).body['data']);
      expect(gone.map(({ action, org_id: id }) => [action, id])).toEqual([
        ['org.deleted', 'a'],
        ['key.deleted', 'team'],
      ]);
      expect((await ofA.ask('GET', '/v1/usage?org=b')).code).toBe('not_found');
      expect((await ofA.ask('GET', '/v1/requests?all=true')).status).toBe(403);
    });

    it('reaches no team that is gone where the file has given its id to another organisation', async () => {
      const url = await createUrl();
      const before = await openManaged(url);
      await before.boss('POST', '/v1/orgs', { id: 'a' });
      await before.boss('POST', '/v1/orgs', { id: 'team', parent_id: 'a' });
      await chatWith((await before.make({ org_id: 'team' })).ask);
      await before.boss('DELETE', '/v1/orgs/team');
      const { ask: ofA } = await before.make({ kind: 'management', org_id: 'a' });
      expect(recordOf((await ofA('GET', '/v1/usage?org=team')).body['total'])['calls']).toBe(1);
      await before.gateway.stop();
      const { make } = await openManaged(url, 'orgs: { other: {}, team: { parent: other } }');
      const { ask } = await make({ kind: 'management', org_id: 'a' });
      const { hash } = await make({ org_id: 'team' });
      expect((await ask('GET', `/v1/audit?subject=${hash}`)).body['data']).toEqual([]);
      expect((await ask('GET', '/v1/usage?org=team')).code).toBe('not_found');
      expect(recordOf((await ask('GET', '/v1/usage')).body['total'])['calls']).toBe(0);
    });

    it('refuses all keys of an organisation that is disabled, or whose parent is, and of one that is gone', async () => {
      const scene = await openManaged(await createUrl());
      const { boss, make } = scene;
      await boss('POST', '/v1/orgs', { id: 'a' });
      await boss('POST', '/v1/orgs', { id: 'team', parent_id: 'a' });
      const { ask } = await make({ org_id: 'team' });
      expect((await chatWith(ask)).status).toBe(200);
      await boss('PATCH', '/v1/orgs/team', { disabled: true });
      expect((await chatWith(ask)).code).toBe('key_disabled');
      await boss('PATCH', '/v1/orgs/team', { disabled: false });
      await boss('PATCH', '/v1/orgs/a', { disabled: true });
      expect((await chatWith(ask)).code).toBe('key_disabled');
      await boss('PATCH', '/v1/orgs/a', { disabled: false });
      expect((await chatWith(ask)).status).toBe(200);
      expect((await boss('DELETE', '/v1/orgs/a')).body).toEqual({ deleted: true });
      expect((await chatWith(ask)).code).toBe('invalid_api_key');
      expect((await boss('GET', '/v1/orgs')).body).toEqual({ data: [], total: 0 });
    });

    it('has x-org-id agree with the key, and asks for it where there are several', async () => {
      const { gateway, as, boss } = await openManaged(await createUrl(), FILE);
      const ask = (key: string, org?: string) =>
        chatWith(as(key), 'demo', org === undefined ? {} : { 'x-org-id': org });
      const told = async (key: string, org?: string): Promise<unknown> => {
        const { status, code } = await ask(key, org);
        return status === 200 ? 200 : code;
      };
      expect(await told('key-of-acme-000001')).toBe(200);
      expect(await told('key-of-acme-000001', 'acme')).toBe(200);
      expect(await told('key-of-acme-000001', 'other')).toBe('org_mismatch');
      expect(await told('key-of-the-admin-1', 'acme')).toBe('org_mismatch');
      expect(await told('key-of-closed-0001')).toBe('key_disabled');
      expect(await told('key-of-tenants-001')).toBe('org_required');
      expect(await told('key-of-tenants-001', 'acme')).toBe(200);
      expect(await told('key-of-tenants-001', 'elsewhere')).toBe('org_mismatch');
      expect(await told('key-of-tenants-001', 'closed')).toBe('key_disabled');
      expect(await told('key-of-everybody-1', 'inner')).toBe(200);
      expect(await told('key-of-everybody-1', 'late')).toBe('org_mismatch');
      expect(await told('key-of-late-000001')).toBe('key_disabled');
      await boss('POST', '/v1/orgs', { id: 'late' });
      expect(await told('key-of-late-000001')).toBe(200);
      expect(await told('key-of-everybody-1', 'late')).toBe(200);
      const key = await gateway.snapshot().clientKeys.authenticate({ authorization: 'Bearer key-of-acme-000001' });
      expect([key.owner, key.scopes.map(({ id, role }) => `${role} ${id}`)]).toEqual([
        'org:acme',
        ['key key:of-acme', 'org org:acme'],
      ]);
      const [, org] = key.scopes;
      expect(org?.limits).toMatchObject({ rpm: 100, budget: { month: 500e9, day: null, on: 'hard' } });
    });

    it('keeps the tenants of one key apart: calls, usage and threads', async () => {
      const { as } = await openManaged(await createUrl(), FILE);
      const [acme, inner] = ['acme', 'inner'].map((org) => {
        const ask = as('key-of-everybody-1');
        return (method: string, path: string, body?: unknown, headers = {}) =>
          ask(method, path, body, { 'x-org-id': org, ...headers });
      });
      if (!acme || !inner) throw new Error('There are two.');
      const stored = await acme('POST', '/v1/responses', { model: 'demo', input: 'secret' }, { 'x-request-id': 'one' });
      expect(stored.status).toBe(200);
      expect((await acme('GET', `/v1/responses/${stored.body['id']}`)).status).toBe(200);
      expect((await inner('GET', `/v1/responses/${stored.body['id']}`)).status).toBe(404);
      expect((await inner('GET', '/v1/requests/one')).status).toBe(404);
      expect((await acme('GET', '/v1/requests/one')).status).toBe(200);
      expect(recordsOf((await inner('GET', '/v1/usage/records')).body['data'])).toEqual([]);
      expect(recordsOf((await acme('GET', '/v1/usage/records')).body['data'])).toMatchObject([{ org: 'acme' }]);
      expect(recordsOf((await inner('GET', '/v1/requests?state=ended')).body['data'])).toEqual([]);
      expect((await as('key-of-acme-000001')('GET', `/v1/responses/${stored.body['id']}`)).status).toBe(200);
      const sums = await as('key-of-the-admin-1')('GET', '/v1/usage?group_by=org');
      expect(recordsOf(sums.body['data'])).toMatchObject([{ org: 'acme', calls: 1 }]);
    });

    it('lists the keys of the file beside those of the database, as far as the manager reaches', async () => {
      const { as, make } = await openManaged(await createUrl(), FILE);
      const ops = as('key-of-ops-0000001');
      await chatWith(as('key-of-acme-000001'));
      const { body } = await ops('GET', '/v1/keys?static=true');
      expect([body['total'], recordsOf(body['data']).map(({ name }) => name)]).toEqual([
        7,
        ['admin', 'of-acme', 'of-closed', 'of-late', 'tenants', 'everybody', 'ops'],
      ]);
      const [admin, ofAcme, , , tenants, everybody, last] = recordsOf(body['data']);
      expect(admin).toMatchObject({ static: true, is_admin: true, org_id: null, orgs: null, kind: 'call' });
      expect(ofAcme).toMatchObject({ org_id: 'acme', budgets: { day: 5, month: null }, usage: 0, held: 0 });
      expect([tenants?.['orgs'], everybody?.['orgs']]).toEqual([['acme', 'late', 'closed'], '*']);
      expect(last).toMatchObject({ kind: 'management', routes: ['models'] });
      expect(JSON.stringify(body)).not.toMatch(/key-of-/);
      const page = (await ops('GET', '/v1/keys?static=true&q=OF-&offset=1&limit=1')).body;
      expect([page['total'], recordsOf(page['data']).map(({ name }) => name)]).toEqual([3, ['of-closed']]);
      expect((await ops('GET', '/v1/keys?static=true&org_id=late')).body['total']).toBe(1);
      const manager = await make({ name: 'manager of acme', kind: 'management', org_id: 'acme' });
      const seen = (await manager.ask('GET', '/v1/keys?static=true')).body['data'];
      expect(recordsOf(seen).map(({ name }) => name)).toEqual(['of-acme']);
      expect((await as('key-of-acme-000001')('GET', '/v1/keys?static=true')).status).toBe(403);
    });

    it('says of a key of the file out of reach what it says of none', async () => {
      const { make } = await openManaged(await createUrl(), FILE);
      const { ask } = await make({ kind: 'management', org_id: 'acme' });
      for (const [method, path, body] of [
        ['PATCH', '', { limit: 1 }],
        ['DELETE', ''],
        ['POST', '/rotate', {}],
        ['POST', '/reset', { window: 'day' }],
      ] as const) {
        const codes: unknown[] = [];
        for (const name of ['of-acme', 'admin', 'tenants', 'no-such-key'])
          codes.push((await ask(method, `/v1/keys/${name}${path}`, body)).code);
        expect([method, path, ...codes]).toEqual([method, path, 'key_is_static', ...Array(3).fill('not_found')]);
      }
    });

    it('lets no manager of an organisation live on by another one', async () => {
      const { boss, make, as } = await openManaged(await createUrl(), FILE);
      const [soon, end, later] = [1, 2, 3].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
      const { ask, hash } = await make({ kind: 'management', org_id: 'acme', expires_at: end });
      const lasting = await make({ kind: 'management', org_id: 'inner' });
      const longer = { status: 403, code: 'route_not_allowed' };
      const manager = { name: 'b', kind: 'management' };
      for (const expires_at of [undefined, null, later])
        expect(await ask('POST', '/v1/keys', { ...manager, expires_at })).toMatchObject(longer);
      const made = await ask('POST', '/v1/keys', { ...manager, expires_at: soon });
      expect(made.status).toBe(201);
      const [path, other] = [`/v1/keys/${made.data['hash']}`, as(String(made.body['key']))];
      for (const expires_at of [null, later]) expect(await ask('PATCH', path, { expires_at })).toMatchObject(longer);
      for (const expires_at of [null, later])
        expect(await other('PATCH', `/v1/keys/${hash}`, { expires_at })).toMatchObject(longer);
      expect(await other('POST', `/v1/keys/${hash}/rotate`, {})).toMatchObject(longer);
      expect(await ask('POST', `/v1/keys/${lasting.hash}/rotate`, {})).toMatchObject(longer);
      const refused = (await ask('PATCH', path, { expires_at: null })).body['error'];
      expect(recordOf(refused)['message']).toContain(`This key expires at ${end}`);

      for (const expires_at of [end, soon, end]) expect((await ask('PATCH', path, { expires_at })).status).toBe(200);
      expect((await ask('PATCH', path, { name: 'c' })).status).toBe(200);
      expect((await ask('POST', `${path}/rotate`, {})).status).toBe(200);
      expect((await ask('POST', `/v1/keys/${hash}/rotate`, {})).status).toBe(200);
      // An end for one that had none is no longer life, and keys that call may live as long as they like.
      expect((await ask('PATCH', `/v1/keys/${lasting.hash}`, { expires_at: later })).status).toBe(200);
      const caller = await ask('POST', '/v1/keys', { name: 'caller' });
      expect((await ask('PATCH', `/v1/keys/${caller.data['hash']}`, { expires_at: later })).status).toBe(200);
      expect((await ask('PATCH', `/v1/keys/${caller.data['hash']}`, { expires_at: null })).status).toBe(200);
      expect((await boss('PATCH', `/v1/keys/${hash}`, { expires_at: null })).status).toBe(200);
    });

    it('shows what stands in the file, and changes none of it', async () => {
      const { as } = await openManaged(await createUrl(), FILE);
      for (const key of ['key-of-the-admin-1', 'key-of-ops-0000001']) {
        const ask = as(key);
        expect(idsOf((await ask('GET', '/v1/orgs')).body['data'])).toEqual(['acme', 'closed', 'inner']);
        expect((await ask('GET', '/v1/orgs/acme')).data).toMatchObject({ static: true, rpm_limit: 100 });
        for (const [method, path, body] of [
          ['PATCH', '/v1/orgs/acme', { limit: 1 }],
          ['DELETE', '/v1/orgs/acme'],
          ['PATCH', '/v1/keys/of-acme', { limit: 1 }],
          ['DELETE', '/v1/keys/of-acme'],
          ['POST', '/v1/keys/of-acme/rotate', {}],
        ] as const) {
          const answer = await ask(method, path, body);
          expect([method, path, answer.status, answer.code]).toEqual([method, path, 409, 'key_is_static']);
        }
        expect(await ask('POST', '/v1/orgs', { id: 'acme' })).toMatchObject({ status: 409, code: 'org_exists' });
      }
      expect((await chatWith(as('key-of-ops-0000001'))).code).toBe('route_not_allowed');
      expect((await chatWith(as('key-of-the-admin-1'))).status).toBe(200);
      const made = await as('key-of-ops-0000001')('POST', '/v1/keys', { name: 'x', org_id: 'inner' });
      expect((await as(String(made.body['key']))('GET', '/v1/key')).data).toMatchObject({ org_id: 'inner' });
    });
  });
});
