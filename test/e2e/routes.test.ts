import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/protocol/routes.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { mistakes } from '../support/config-files.ts';
import { configFor, runGateway } from '../support/gateway.ts';
import { sendRaw } from '../support/raw-http.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const KEYS =
  'server: { drain: 0ms }\nauth:\n  keys:\n    - { name: plain, key: key-plain }\n' +
  '    - { name: files, key: key-files, routes: [files, models] }\n    - { name: admin, key: key-admin, admin: true }\n';
const OPEN = ['embeddings', 'images', 'audio', 'moderations', 'completions'];
const SHARED = ['files', 'uploads', 'batches', 'fine_tuning', 'vector_stores', 'containers', 'evals', 'videos'];
/** Served by the gateway itself. */
const OWN = ['chat', 'models', 'responses', 'conversations'];
const JSON_TYPE = { 'content-type': 'application/json' };

interface Scene {
  readonly upstream: TestUpstream;
  readonly url: string;
  /** Status and code of the answer to the key with this name. */
  ask(key: string, path: string, init?: RequestInit): Promise<readonly [number, unknown]>;
}

async function start(rest = `${KEYS}passthrough: { default: up }`): Promise<Scene> {
  const upstream = await runUpstream(chatCompletion('Hi'));
  const { url } = await runGateway(configFor(upstream.url, rest));
  return {
    upstream,
    url,
    async ask(key, path, init = {}) {
      const headers = { ...JSON_TYPE, authorization: `Bearer key-${key}` };
      const response = await fetch(url + path, { ...init, headers });
      const text = await response.text();
      return [response.status, text.startsWith('{"error"') ? JSON.parse(text).error.code : null];
    },
  };
}

const REFUSED = [403, 'route_not_allowed'];
const PASSED = [200, null];
const UNKNOWN = [404, 'unknown_url'];

describe('the allowed routes of an API key (auth.keys routes)', () => {
  it('are by default those that keep nothing at the provider, and none that all keys would share', async () => {
    const { ask, upstream } = await start();
    for (const name of OPEN) expect(await ask('plain', `/v1/${name}`), name).toEqual(PASSED);
    expect(await ask('plain', '/v1/models')).toEqual(PASSED);
    const before = upstream.requests.length;
    for (const name of SHARED) {
      for (const path of [`/v1/${name}`, `/v1/${name}/id`, `/V1/${name.toUpperCase()}/`, `/v1/${name}//id?a=1`])
        expect(await ask('plain', path), path).toEqual(REFUSED);
      // Before the body is looked at.
      expect(await ask('plain', `/v1/${name}`, { method: 'POST', body: '{' }), name).toEqual(REFUSED);
    }
    expect(upstream.requests).toHaveLength(before);
    expect([...OPEN, ...SHARED, ...OWN].sort()).toEqual([...ROUTES].sort());
  });

  it('are exactly its routes where they are configured', async () => {
    const { ask } = await start();
    expect(await ask('files', '/v1/files/id')).toEqual(PASSED);
    expect(await ask('files', '/v1/models')).toEqual(PASSED);
    expect(await ask('files', '/v1/embeddings')).toEqual(REFUSED);
    expect(await ask('files', '/v1/batches')).toEqual(REFUSED);
    // Before the body is looked at, and not what is its own in any case.
    expect(await ask('files', '/v1/chat/completions', { method: 'POST', body: '{' })).toEqual(REFUSED);
    expect(await ask('files', '/v1/requests')).toEqual(PASSED);
    const choose = { method: 'POST', body: '{"model":"m","message":"Hi"}' };
    expect(await ask('files', '/v1/router/choose', choose)).toEqual(PASSED);
  });

  it('are all for an admin key', async () => {
    const { ask } = await start();
    for (const name of [...OPEN, ...SHARED]) expect(await ask('admin', `/v1/${name}`), name).toEqual(PASSED);
  });

  it('are all where passthrough.shared is set, but for a key with routes', async () => {
    const { ask } = await start(`${KEYS}passthrough: { default: up, shared: true }`);
    for (const name of [...OPEN, ...SHARED]) expect(await ask('plain', `/v1/${name}`), name).toEqual(PASSED);
    expect(await ask('files', '/v1/batches')).toEqual(REFUSED);
  });

  it('do not apply where no API key is configured', async () => {
    const { ask } = await start('server: { drain: 0ms }\npassthrough: { default: up }');
    for (const name of [...OPEN, ...SHARED]) expect(await ask('any', `/v1/${name}`), name).toEqual(PASSED);
  });

  it('are named in the 403 route_not_allowed, with the settings that allow more', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/v1/files`, { headers: { authorization: 'Bearer key-plain' } });
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error).toMatchObject({ type: 'invalid_request_error', param: null, code: 'route_not_allowed' });
    for (const word of ["'files'", 'operator', 'routes', 'passthrough.shared: true'])
      expect(error.message).toContain(word);
  });

  const CHAT = [
    { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'files/abc' } }] }] },
    { messages: [{ role: 'user', content: 'Hi' }], cached_content: 'cachedContents/abc' },
  ];
  it.each(CHAT)('must include files for a chat that names a file kept at the provider', async (chat) => {
    const { ask, upstream } = await start();
    const init = { method: 'POST', body: JSON.stringify({ model: 'm', ...chat }) };
    expect(await ask('plain', '/v1/chat/completions', init)).toEqual(REFUSED);
    expect(upstream.requests).toHaveLength(0);
    expect(await ask('admin', '/v1/chat/completions', init)).toEqual(PASSED);
  });

  it('must include files for a passthrough body that names a file', async () => {
    const { ask, upstream } = await start();
    const init = { method: 'POST', body: '{"model":"m","images":[{"file_id":"file-abc"}]}' };
    expect(await ask('plain', '/v1/images/edits', init)).toEqual(REFUSED);
    expect(upstream.requests).toHaveLength(0);
  });

  it('must be known route names', () => {
    const text = 'auth: { keys: [{ name: a, key: k, routes: [chat, fils] }] }';
    const [mistake = '', ...more] = mistakes(text);
    expect(more).toEqual([]);
    expect(mistake).toMatch(/auth\.keys\[0\]\.routes\[1\]: expected one of chat, .*; did you mean 'files'\?$/);
  });
});

describe('paths of the provider account administration', () => {
  it.each([
    '/v1/organization/users',
    '/v1/organization',
    '/V1/Organization/admin_api_keys',
    '/v1//organization/usage/completions',
    '/v1/organization/',
    '/v1/%6frganization/users',
    '/v1/%256frganization/users',
    '/v1/projects/p/api_keys',
    '/v1/fine_tuning/checkpoints/ft:a/permissions',
    '/v1/fine_tuning/checkpoints/ft:a/permissions/cp_1',
    '/v1/fine_tuning//checkpoints/ft:a//permissions/',
    '/v1/fine_tuning/checkpoints/ft%2Fa/PERMISSIONS',
    '/v1/fine_tuning/checkpoints%2Fft:a%2Fpermissions',
    '/v1/fine_tuning/checkpoints/ft:a/permission%73;x=1',
    '/v1/fine_tuning/checkpoints/ft:a%252Fpermissions',
    '/v1/fine_tuning/x/../checkpoints/ft:a/permissions',
    '/v1/fine_tuning/%252e%252e/organization/users',
  ])('are not passed through: %s', async (path) => {
    const { url, upstream, ask } = await start();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const head = `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-admin\r\nconnection: close\r\n\r\n`;
      const { status, error } = await sendRaw(url, head);
      expect([status, error['code']], method).toEqual(UNKNOWN);
    }
    expect(upstream.requests).toHaveLength(0);
    expect(await ask('admin', '/v1/fine_tuning/checkpoints/ft:a')).toEqual(PASSED);
  });
});

describe('a passthrough request', () => {
  it.each(['TRACE', 'OPTIONS', 'PROPFIND', 'LINK'])('has no other method than those of an API: %s', async (method) => {
    const { url, upstream } = await start();
    const head = `${method} /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-admin\r\nconnection: close\r\n\r\n`;
    const answer = await sendRaw(url, head);
    expect([answer.status, answer.error['code']]).toEqual([405, 'method_not_allowed']);
    expect(answer.head.toLowerCase()).toContain('allow: get, head, post, put, patch, delete');
    expect(upstream.requests).toHaveLength(0);
  });

  it.each([
    ['?key=secret', ''],
    ['?limit=2&KEY=secret&after=a%20b', '?limit=2&after=a%20b'],
    ['?k%65y=secret&limit=2', '?limit=2'],
    ['?%256bey=secret&limit=2', '?limit=2'],
    ['?limit=2&Access_Token=secret', '?limit=2'],
    ['?access%5Ftoken=secret', ''],
    ['?limit=2;key=secret&a=1', '?limit=2&a=1'],
    ['?+key=secret&key[]=secret&api_key=secret', ''],
    ['?metadata[key]=mine&monkey=1&key2=2', '?metadata[key]=mine&monkey=1&key2=2'],
    ['?include[]=a&include[]=b&x=%zz', '?include[]=a&include[]=b&x=%zz'],
    ['?a=b?key=1', '?a=b?key=1'],
  ])('has no API key in the query: %s', async (query, sent) => {
    const { url, upstream } = await start();
    const head = `GET /v1/files${query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-admin\r\nconnection: close\r\n\r\n`;
    expect((await sendRaw(url, head)).status).toBe(200);
    expect(upstream.requests[0]?.path).toBe(`/v1/files${sent}`);
  });
});
