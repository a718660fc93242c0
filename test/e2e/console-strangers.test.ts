import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { askOf, chatWith, type ManagedScene, openManaged } from '../support/managed.ts';

const openScene = (rest = ''): Promise<ManagedScene> =>
  openManaged(`sqlite:${temporaryFolder()}/s.db`, `orgs: { acme: {}, rival: {} }\n${rest}`);

/** The cookie of a browser that has signed in. */
async function signIn({ url }: ManagedScene, secret: string): Promise<string> {
  const headers = { authorization: `Bearer ${secret}`, 'x-sluice-console': '1' };
  const response = await fetch(`${url}/console/session`, { method: 'POST', headers });
  return String(response.headers.get('set-cookie')).split(';')[0] ?? '';
}

describe('a page of another site, in a browser that has signed in', () => {
  it('changes no key, no organisation and no call', async () => {
    const scene = await openScene();
    const { hash } = await scene.make({ org_id: 'acme' });
    const cookie = await signIn(scene, scene.bossKey);
    const anybody = askOf(scene.url, null);
    const routes: readonly (readonly [method: string, path: string, body?: object])[] = [
      ['POST', '/v1/keys', { name: 'theirs' }],
      ['PATCH', `/v1/keys/${hash}`, { disabled: true }],
      ['POST', `/v1/keys/${hash}/rotate`, {}],
      ['POST', `/v1/keys/${hash}/reset`, { window: 'day' }],
      ['POST', '/v1/orgs', { id: 'theirs' }],
      ['PATCH', '/v1/orgs/acme', { disabled: true }],
      ['DELETE', '/v1/orgs/acme'],
      ['DELETE', '/v1/requests/any'],
      ['POST', '/v1/config/check', { files: {} }],
      ['DELETE', `/v1/keys/${hash}`],
    ];
    for (const [method, path, body] of routes) {
      const codeOf = async (headers: Readonly<Record<string, string>>) =>
        (await anybody(method, path, body, { cookie, ...headers })).code;
      const told = { 'x-sluice-console': '1' };
      // What a form or an image of another site sends, what a script could if it were let, and what a page beside ours could.
      expect([path, await codeOf({})]).toEqual([path, 'invalid_api_key']);
      expect([path, await codeOf({ ...told, origin: 'https://evil.example' })]).toEqual([path, 'origin_not_allowed']);
      expect([path, await codeOf({ ...told, 'sec-fetch-site': 'cross-site' })]).toEqual([path, 'origin_not_allowed']);
      expect([path, await codeOf({ ...told, origin: 'null' })]).toEqual([path, 'origin_not_allowed']);
    }
    const { data } = await scene.boss('GET', `/v1/keys/${hash}`);
    expect(data).toMatchObject({ disabled: false, version: 1 });
    expect((await scene.boss('GET', '/v1/keys')).body['total']).toBe(2);
  });
});

describe('filters', () => {
  it('reach no further than the key does', async () => {
    const scene = await openScene();
    const [own, rival] = [await scene.make({ org_id: 'acme' }), await scene.make({ org_id: 'rival' })];
    const manager = await scene.make({ name: 'chief', kind: 'management', org_id: 'acme' });
    const headers = { 'x-request-id': 'shared-id' };
    await chatWith(own.ask, 'demo', headers);
    await chatWith(rival.ask, 'demo', headers);
    const found = async ({ ask }: typeof own, path: string): Promise<unknown> => {
      const { body, code, status } = await ask('GET', path);
      if (status !== 200) return code;
      const rows = body['data'] as readonly Record<string, unknown>[];
      return rows.map((row) => row['key_hash'] ?? row['hash'] ?? row['name'] ?? row['id']);
    };
    const byId = '/v1/requests?state=ended&id=shared-id';
    expect(await found(own, byId)).toEqual([own.hash]);
    expect(await found(own, `${byId}&org=rival`)).toEqual([]);
    expect(await found(own, `${byId}&all=true`)).toBe('route_not_allowed');
    expect(await found(own, `${byId}&key=${rival.hash}`)).toBe('route_not_allowed');
    expect(await found(manager, byId)).toEqual([]);
    expect(await found(manager, `${byId}&key=${rival.hash}`)).toBe('route_not_allowed');
    expect(await found(own, '/v1/usage?group_by=key_hash')).toEqual([own.hash]);
    expect(await found(own, `/v1/usage?group_by=key_hash&key=${rival.hash}`)).toBe('invalid_value');
    expect(await found(own, '/v1/usage?group_by=key_hash&org=rival')).toEqual([]);
    expect(await found(manager, '/v1/usage?group_by=key_hash')).toEqual([own.hash]);
    expect(await found(manager, '/v1/usage?group_by=key_hash&org=rival')).toBe('not_found');
    expect(await found(manager, `/v1/usage?group_by=key_hash&key=${rival.hash}`)).toEqual([]);
    expect(await found(manager, `/v1/usage/records?key=${rival.hash}`)).toEqual([]);
    expect(await found(manager, `/v1/keys?q=${rival.hash.slice(0, 8)}`)).toEqual([]);
    expect(await found(manager, '/v1/keys?org_id=rival')).toEqual([]);
    expect(await found(manager, '/v1/keys?q=%25')).toEqual([]);
    expect(await found(own, '/v1/keys?static=true')).toBe('route_not_allowed');
  });

  it('find the keys of the file that call for one organisation, for its manager', async () => {
    const scene = await openScene(
      'auth: { keys: [{ name: file-acme, key: key-of-acme-x, org: acme }, { name: file-rival, key: key-of-rival-x, org: rival },\n' +
        '  { name: file-both, key: key-of-both-x, orgs: [acme, rival] }, { name: file-none, key: key-of-none-x }] }\n',
    );
    const manager = await scene.make({ kind: 'management', org_id: 'acme' });
    for (const query of ['', '&q=file', '&q=rival', '&org_id=rival']) {
      const { body } = await manager.ask('GET', `/v1/keys?static=true${query}`);
      const names = (body['data'] as readonly { name: string }[]).map(({ name }) => name);
      expect([query, names, body['total']]).toEqual(
        query === '' || query === '&q=file' ? [query, ['file-acme'], 1] : [query, [], 0],
      );
    }
  });
});
