import { describe, expect, it } from 'vitest';
import { hostRefusal, isAllowedOrigin, originRefusal, type Visit } from '../../src/http/strangers.ts';

const VISIT: Visit = { path: '/v1/models', host: 'gw.example', origin: undefined, fetchSite: undefined };

describe('the host check (DNS rebinding) of a gateway without API keys', () => {
  it.each([
    'localhost',
    'LocalHost:1',
    '127.0.0.1',
    '10.1.2.3:8080',
    '[::1]',
    '[fe80::1]:80',
    'gateway',
    'my_gw:80',
    '',
  ])('accepts the host header %j', (host) => expect(hostRefusal(host, [])).toBeNull());

  it.each([
    'evil.example',
    'localhost.',
    'a.localhost',
    '127.0.0.1.evil.example',
    '127.1',
    '[::1',
    '[::g]',
    'a@localhost',
    'localhost:x',
    'a/b',
    ' ',
  ])('refuses the host header %j', (host) =>
    expect(hostRefusal(host, [])).toMatchObject({ code: 'wrong_host', status: 421 }),
  );

  it('accepts the names of server.hosts, at their port if they have one', () => {
    const hosts = ['gw.example', 'a.example:8443', 'b.example:443'];
    const served = ['gw.example', 'GW.example:9', 'a.example:8443', 'b.example', 'b.example:443'];
    const refused = ['x.gw.example', 'a.example', 'a.example:9', 'b.example:80', 'gw.example.'];
    expect(served.map((host) => hostRefusal(host, hosts))).toEqual(served.map(() => null));
    expect(refused.filter((host) => hostRefusal(host, hosts) === null)).toEqual([]);
  });

  it('names the refused host, in a few printable characters, and the setting server.hosts', () => {
    const { message } = hostRefusal(`evil.example\xff${'x'.repeat(1000)}`, []) ?? {};
    expect(message).toMatch(/'evil\.example\?x{87}'.*server\.hosts/);
  });
});

describe('the origin check (CORS, CSRF) of a web page', () => {
  it.each([
    ['http://gw.example', 'gw.example'],
    ['https://gw.example', 'gw.example'],
    ['https://gw.example', 'GW.example:443'],
    ['http://gw.example:80', 'gw.example'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
  ])('accepts the same origin %s at %s', (origin, host) => {
    expect(originRefusal({ ...VISIT, origin, host })).toBeNull();
    expect(originRefusal({ ...VISIT, origin, host, fetchSite: 'same-origin' })).toBeNull();
  });

  it.each([
    'https://evil.example',
    'http://gw.example:8080',
    'https://gw.example:80',
    'http://gw.example.',
    'http://gw.example/',
    'http://gw.example, https://evil.example',
    'gw.example',
    'null',
    '',
  ])('refuses the foreign origin %j', (origin) => {
    expect(originRefusal({ ...VISIT, origin })).toMatchObject({ code: 'origin_not_allowed', status: 403 });
  });

  it.each(['cross-site', 'same-site'])('refuses sec-fetch-site %s, whatever origin it names', (fetchSite) => {
    for (const origin of [undefined, 'http://gw.example'])
      expect(originRefusal({ ...VISIT, origin, fetchSite })).toMatchObject({ code: 'origin_not_allowed' });
  });

  it('accepts paths without data', () => {
    const foreign = { ...VISIT, origin: 'https://evil.example', fetchSite: 'cross-site' };
    const open = ['/ready', '/ready?x', '/', '/openapi.json', '/console', '/console/app.js'];
    const closed = ['/health', '/metrics', '/v1/models', '/ready/x', '/readyx', '/v1/x?/ready', '/consolex'];
    closed.push('/console/session', '/console/Session/?x');
    expect(open.filter((path) => originRefusal({ ...foreign, path }) !== null)).toEqual([]);
    expect(closed.filter((path) => originRefusal({ ...foreign, path }) === null)).toEqual([]);
  });

  it('accepts a missing host header where no foreign origin is named', () => {
    for (const fetchSite of [undefined, 'none', 'same-origin'])
      expect(originRefusal({ ...VISIT, host: undefined, fetchSite })).toBeNull();
  });

  it('accepts server.origins in whatever spelling', () => {
    const origins = ['https://app.example'];
    expect(isAllowedOrigin('https://app.example', origins)).toBe(true);
    expect(isAllowedOrigin('https://APP.example:443', origins)).toBe(true);
    for (const other of ['http://app.example', 'https://app.example:444', 'https://app.example.evil.example', 'null'])
      expect(isAllowedOrigin(other, origins)).toBe(false);
  });
});
