import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway } from '../support/gateway.ts';
import { askOf, openManaged } from '../support/managed.ts';

const DEMO = `server: { drain: 0ms }\nproviders: { demo: { kind: demo }, gemini: { kind: gemini, api_key: "\${G_KEY}" } }\n`;
const KEYS =
  'auth: { keys: [{ name: boss, key: key-of-the-boss, admin: true }, { name: plain, key: key-of-a-client }] }\n';

describe('GET /v1/me', () => {
  it('tells everybody what there is where no keys are configured', async () => {
    const { url } = await runGateway(DEMO);
    const { status, body } = await askOf(url, null)('GET', '/v1/me');
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'me',
      key: {
        name: 'anonymous',
        hash: null,
        org: null,
        is_admin: true,
        manages: 'everything',
        routes: expect.arrayContaining(['chat', 'files']),
      },
      auth: 'none',
      version: '0.0.0-test',
      demo_only: true,
      features: { usage: false, conversations: false },
      missing_keys: [{ provider: 'gemini', env: 'G_KEY' }],
    });
  });

  it('has no missing key, and more than the demo, once the variable is set', async () => {
    const { url } = await runGateway(DEMO, { G_KEY: 'set' });
    expect((await askOf(url, null)('GET', '/v1/me')).body).toMatchObject({ demo_only: false, missing_keys: [] });
  });

  it('knows usage and conversations where they are kept', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const { url } = await runGateway(`${DEMO}database: { url: "${path}" }\nusage: { store: sqlite }\n`);
    const { body } = await askOf(url, null)('GET', '/v1/me');
    expect(body).toMatchObject({ features: { usage: true, conversations: true } });
  });

  it('tells a key of itself, and of the operator nothing', async () => {
    const { url } = await runGateway(DEMO + KEYS);
    const plain = (await askOf(url, 'key-of-a-client')('GET', '/v1/me')).body;
    expect(plain).toMatchObject({ auth: 'keys', key: { name: 'plain', is_admin: false, manages: 'nothing' } });
    expect(plain['missing_keys']).toEqual([]);
    const boss = (await askOf(url, 'key-of-the-boss')('GET', '/v1/me')).body;
    expect(boss).toMatchObject({ key: { is_admin: true }, missing_keys: [{ provider: 'gemini' }] });
  });

  it('is 401 without a key where keys are configured, and 405 for other methods', async () => {
    const { url } = await runGateway(DEMO + KEYS);
    expect(await askOf(url, null)('GET', '/v1/me')).toMatchObject({ status: 401, code: 'invalid_api_key' });
    const answer = await askOf(url, 'key-of-a-client')('POST', '/v1/me', {});
    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('tells a key made at run time its hash and its organisation', async () => {
    const { boss, make } = await openManaged(join(temporaryFolder(), 'sluice.db'));
    await boss('POST', '/v1/orgs', { id: 'acme', name: 'Acme' });
    const called = await make({ org_id: 'acme' });
    expect((await called.ask('GET', '/v1/me')).body).toMatchObject({
      key: { name: 'made', hash: called.hash, org: 'acme', is_admin: false, manages: 'nothing' },
    });
    const manager = await make({ kind: 'management', org_id: 'acme' });
    expect((await manager.ask('GET', '/v1/me')).body).toMatchObject({ key: { manages: 'org', routes: ['models'] } });
    expect((await boss('GET', '/v1/me')).body).toMatchObject({ key: { is_admin: true, manages: 'everything' } });
  });
});
