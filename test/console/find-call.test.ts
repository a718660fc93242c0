import { afterEach, describe, expect, it, vi } from 'vitest';
import { findCall } from '../../console/src/feed/calls.ts';
import { runGateway } from '../support/gateway.ts';

const ADMIN = { name: 'ops', hash: null, is_admin: true };
const CONFIG =
  'providers: { demo: { kind: demo } }\nserver: { drain: 0ms }\norgs: { acme: {} }\n' +
  'auth: { keys: [{ name: ops, key: key-of-the-admin, admin: true }, { name: many, key: key-of-many, orgs: "*" }] }\n';

afterEach(() => vi.unstubAllGlobals());

describe('one call, as an admin finds it', () => {
  it('is found while it runs, also of a key that serves several organisations', async () => {
    const gateway = await runGateway(CONFIG);
    const headers = { authorization: 'Bearer key-of-many', 'x-org-id': 'acme', 'x-request-id': 'runs' };
    const call = gateway.chat({ model: 'demo:silent' }, { headers });
    const fetchAll = fetch;
    const asAdmin = { authorization: 'Bearer key-of-the-admin' };
    vi.stubGlobal('fetch', (path: string) => fetchAll(gateway.url + path, { headers: asAdmin }));
    const find = (id: string, owner: string | null) => findCall(id, owner, ADMIN, new AbortController().signal);
    await expect.poll(() => find('runs', null)).toMatchObject({ key: 'many' });
    expect(await find('runs', 'many')).toMatchObject({ id: 'runs', org: 'acme', state: 'waiting' });
    expect(await find('runs', 'ops')).toBeNull();
    expect(await find('another', 'many')).toBeNull();
    await fetchAll(`${gateway.url}/v1/requests/runs?key=org:acme/many`, { method: 'DELETE', headers: asAdmin });
    await call;
  });
});
