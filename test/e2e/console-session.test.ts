import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { openManaged } from '../support/managed.ts';

const KEYS = `auth: { keys: [{ name: team-a, key: key-a }, { name: ops, key: key-o, admin: true }] }\n`;
const BASE = 'providers: { demo: { kind: demo } }\nserver: { drain: 0ms }\n';
const CONSOLE = { 'x-sluice-console': '1' };

type Headers = Record<string, string>;
const signIn = (url: string, key: string, headers: Headers = {}): Promise<Response> =>
  fetch(`${url}/console/session`, { method: 'POST', headers: { authorization: `Bearer ${key}`, ...headers } });
const cookieOf = (response: Response): string => String(response.headers.get('set-cookie')).split(';')[0] ?? '';
const codeOf = async (response: Response): Promise<unknown> => {
  const body = (await response.json()) as { error?: { code: string } };
  return body.error?.code;
};

async function start(rest = ''): Promise<{ gateway: TestGateway; url: string; cookie: string; as: Headers }> {
  const gateway = await runGateway(BASE + KEYS + rest);
  const cookie = cookieOf(await signIn(gateway.url, 'key-a'));
  return { gateway, url: gateway.url, cookie, as: { ...CONSOLE, cookie } };
}

describe('signing in to the console (POST /console/session)', () => {
  it('gives a cookie that no script reads and no other site sends, of 256 random bits, for 12 hours', async () => {
    const { url } = await start();
    const response = await signIn(url, 'key-o');
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(
      /^sluice_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=[^;]+ GMT$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { expires_at: string };
    expect(body).toMatchObject({ auth: 'keys', key: { name: 'ops', is_admin: true } });
    expect((Date.parse(body.expires_at) - Date.now()) / 3_600_000).toBeCloseTo(12, 1);
  });

  it('is Secure where the page came by https', async () => {
    const { url } = await start();
    const own = url.replace('http:', 'https:');
    for (const headers of [{ origin: own }, { 'x-forwarded-proto': 'https' }])
      expect((await signIn(url, 'key-a', headers)).headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('makes the caller that the key makes, and the key itself still wins', async () => {
    const { url, as } = await start();
    const key = async (headers: Headers) => (await fetch(`${url}/v1/key`, { headers })).json();
    expect(await key(as)).toEqual(await key({ authorization: 'Bearer key-a' }));
    expect(await key({ ...as, authorization: 'Bearer key-o' })).toMatchObject({ data: { name: 'ops' } });
    expect((await fetch(`${url}/v1/requests?all=true`, { headers: as })).status).toBe(403);
    const chat = { model: 'demo', messages: [{ role: 'user', content: 'Hi' }] };
    const asked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: as,
      body: JSON.stringify(chat),
    });
    expect(asked.status).toBe(200);
  });

  it('counts with x-sluice-console: 1 alone', async () => {
    const { url, cookie, as } = await start();
    for (const headers of [
      { cookie },
      { cookie, 'x-sluice-console': 'yes' },
      CONSOLE,
      { ...CONSOLE, cookie: `${cookie}x` },
    ])
      expect(await codeOf(await fetch(`${url}/v1/models`, { headers: headers as Headers }))).toBe('invalid_api_key');
    expect((await fetch(`${url}/v1/models`, { headers: { ...as, cookie: `a=b; ${cookie}; c=d` } })).status).toBe(200);
  });

  it('takes no cookie for a key, and no page of another origin', async () => {
    const { url, as } = await start();
    const again = await fetch(`${url}/console/session`, { method: 'POST', headers: as });
    expect(again.status).toBe(401);
    for (const path of ['/console/session', '/console/SESSION/']) {
      const init = { method: 'POST', headers: { origin: 'https://evil.example', authorization: 'Bearer key-a' } };
      expect(await codeOf(await fetch(url + path, init))).toBe('origin_not_allowed');
    }
  });

  it('refuses the eleventh wrong key of a minute, and then a right one too', async () => {
    const { url } = await start();
    for (let tries = 0; tries < 10; tries++) expect((await signIn(url, 'wrong')).status).toBe(401);
    const refused = await signIn(url, 'key-a');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  });

  it('lets a key of several organisations in for the one it names, and its requests call for that one', async () => {
    const { url } = await runGateway(
      `${BASE}orgs: { acme: {}, globex: {} }\nauth: { keys: [{ name: backend, key: key-b, orgs: [acme, globex] }] }\n`,
    );
    const unnamed = await signIn(url, 'key-b');
    expect([unnamed.status, await codeOf(unnamed)]).toEqual([403, 'org_required']);
    const foreign = await signIn(url, 'key-b', { 'x-org-id': 'initech' });
    expect([foreign.status, await codeOf(foreign)]).toEqual([403, 'org_mismatch']);
    const as = { ...CONSOLE, cookie: cookieOf(await signIn(url, 'key-b', { 'x-org-id': 'acme' })) };
    const orgOf = async (headers: Headers): Promise<unknown> => {
      const { key } = (await (await fetch(`${url}/v1/me`, { headers })).json()) as { key: { org: unknown } };
      return key.org;
    };
    expect(await orgOf(as)).toBe('acme');
    expect(await orgOf({ ...as, 'x-org-id': 'globex' })).toBe('globex');
  });

  it('needs no key where nobody does', async () => {
    const { url } = await runGateway(BASE);
    const response = await fetch(`${url}/console/session`, { method: 'POST' });
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ auth: 'none', key: { is_admin: true }, expires_at: null });
  });

  it('is 405 for other methods', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/console/session`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE']);
  });
});

describe('the end of a session', () => {
  it('comes with DELETE /console/session, for that session alone', async () => {
    const { url, as } = await start();
    const other = { ...CONSOLE, cookie: cookieOf(await signIn(url, 'key-a')) };
    const out = () => fetch(`${url}/console/session`, { method: 'DELETE', headers: as });
    const first = await out();
    expect(first.headers.get('set-cookie')).toMatch(/^sluice_session=; Path=\/; .*1970/);
    expect(await first.json()).toMatchObject({ deleted: true });
    expect(await (await out()).json()).toMatchObject({ deleted: false });
    expect((await fetch(`${url}/v1/models`, { headers: as })).status).toBe(401);
    expect((await fetch(`${url}/v1/models`, { headers: other })).status).toBe(200);
  });

  it('comes with a reload that drops the key, for good', async () => {
    const { gateway, url, as } = await start();
    const { config } = gateway.snapshot();
    const models = () => fetch(`${url}/v1/models`, { headers: as });
    await gateway.reload(() => ({ ...config }));
    expect((await models()).status).toBe(200);
    await gateway.reload(() => ({ ...config, keys: config.keys.filter(({ name }) => name !== 'team-a') }));
    expect(await codeOf(await models())).toBe('invalid_api_key');
    await gateway.reload(() => config);
    expect((await models()).status).toBe(401);
  });

  it('comes when a key of the database is disabled, rotated or erased', async () => {
    const scene = await openManaged(join(temporaryFolder(), 'sluice.db'));
    const endings: ((hash: string) => Promise<{ status: number }>)[] = [
      (hash) => scene.boss('PATCH', `/v1/keys/${hash}`, { disabled: true }),
      (hash) => scene.boss('POST', `/v1/keys/${hash}/rotate`, { grace: '0s' }),
      (hash) => scene.boss('DELETE', `/v1/keys/${hash}`),
    ];
    for (const end of endings) {
      const { secret, hash } = await scene.make({});
      const as = { ...CONSOLE, cookie: cookieOf(await signIn(scene.url, secret)) };
      expect((await fetch(`${scene.url}/v1/models`, { headers: as })).status).toBe(200);
      expect((await end(hash)).status).toBe(200);
      expect((await fetch(`${scene.url}/v1/models`, { headers: as })).status).toBe(401);
      await scene.boss('PATCH', `/v1/keys/${hash}`, { disabled: false });
      expect((await fetch(`${scene.url}/v1/models`, { headers: as })).status).toBe(401);
    }
  });

  it('comes with console.enabled: false and console.admin_only: true, which hold for signing in too', async () => {
    const { gateway, url, as } = await start();
    const { config } = gateway.snapshot();
    await gateway.reload(() => ({ ...config, console: { isEnabled: true, isAdminOnly: true } }));
    expect(await codeOf(await fetch(`${url}/v1/models`, { headers: as }))).toBe('route_not_allowed');
    expect(await codeOf(await signIn(url, 'key-a'))).toBe('route_not_allowed');
    expect((await signIn(url, 'key-o')).status).toBe(200);
    await gateway.reload(() => ({ ...config, console: { isEnabled: false, isAdminOnly: false } }));
    expect((await fetch(`${url}/v1/models`, { headers: as })).status).toBe(401);
    expect(await codeOf(await signIn(url, 'key-o'))).toBe('unknown_url');
  });
});
