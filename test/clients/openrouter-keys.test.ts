import { join } from 'node:path';
import { OpenRouter } from '@openrouter/sdk';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { chatWith, openManaged } from '../support/managed.ts';

/** OpenRouter's own client, pointed at the gateway as a user would: it checks each answer against its schema. */
function openRouterFor({ url }: { readonly url: string }, apiKey: string): OpenRouter['apiKeys'] {
  return new OpenRouter({ apiKey, serverURL: `${url}/v1` }).apiKeys;
}

const open = (rest = '') => openManaged(join(temporaryFolder(), 'sluice.db'), rest);

describe('/v1/keys with the OpenRouter client', () => {
  it('are made, with what has no meaning here, read and listed', async () => {
    const scene = await open();
    const keys = openRouterFor(scene, scene.bossKey);
    const { key, data } = await keys.create({
      requestBody: {
        name: 'team',
        limit: 5,
        limitReset: 'daily',
        includeByokInLimit: true,
        expiresAt: new Date('2099-01-31T12:00:00Z'),
        creatorUserId: 'user_2dHFtVWx2n56w6HkM0000000000',
        workspaceId: '0df9e665-d932-5740-b2c7-b52af166bc11',
        external: { user: 'their-user' },
      },
    });
    expect((await chatWith(scene.as(key))).status).toBe(200);
    expect(data).toMatchObject({
      name: 'team',
      label: expect.stringMatching(/^sk-sl-/),
      disabled: false,
      limit: 5,
      limitReset: 'daily',
      limitRemaining: 5,
      expiresAt: new Date('2099-01-31T12:00:00Z'),
      usage: 0,
      ...{ byokUsage: 0, byokUsageDaily: 0, byokUsageWeekly: 0, byokUsageMonthly: 0, includeByokInLimit: false },
      ...{ creatorUserId: null, externalUser: null, workspaceId: 'default' },
    });
    expect((await keys.get({ hash: data.hash })).data).toMatchObject({ hash: data.hash, name: 'team', usageDaily: 0 });
    const listed = await keys.list({ workspaceId: data.workspaceId, includeDisabled: true, offset: 0 });
    expect(listed.data.map(({ name }) => name).sort()).toEqual(['boss', 'team']);
  });

  it('are changed and deleted', async () => {
    const scene = await open();
    const keys = openRouterFor(scene, scene.bossKey);
    const { hash } = (await keys.create({ requestBody: { name: 'team', limit: 5, limitReset: 'daily' } })).data;
    const change = async (requestBody: Parameters<typeof keys.update>[0]['requestBody']) =>
      (await keys.update({ hash, requestBody })).data;
    expect(await change({ limit: 7 })).toMatchObject({ limit: 7, limitReset: 'daily', limitRemaining: 7 });
    expect(await change({ limitReset: 'monthly', includeByokInLimit: false })).toMatchObject({ limitReset: 'monthly' });
    expect(await change({ limitReset: null })).toMatchObject({ limit: 7, limitReset: null });
    expect(await change({ limit: null })).toMatchObject({ limit: null, limitRemaining: null });
    expect(await change({ disabled: true, name: 'switched off' })).toMatchObject({
      disabled: true,
      name: 'switched off',
    });
    expect((await keys.list()).data.map(({ name }) => name)).toEqual(['boss']);
    expect(await keys.delete({ hash })).toEqual({ deleted: true });
    await expect(keys.get({ hash })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('are of the organisation of the key that makes them, whatever workspace is named', async () => {
    const { boss, make, url } = await open('orgs: { acme: {} }\n');
    const keys = openRouterFor({ url }, (await make({ kind: 'management', org_id: 'acme' })).secret);
    const { data } = await keys.create({ requestBody: { name: 'team', workspaceId: 'other' } });
    expect((await boss('GET', `/v1/keys/${data.hash}`)).data).toMatchObject({ org_id: 'acme' });
    expect((await keys.list()).data.map(({ name }) => name)).toEqual(['team', 'made']);
  });

  it('tell of themselves, made at run time or of the file', async () => {
    const rest =
      'auth: { keys: [{ name: of-file, key: key-of-file, org: acme, budget: { day: 5 }, limits: { rpm: 60 } }] }\n' +
      'orgs: { acme: { budget: { month: 3 } } }\n';
    const scene = await open(rest);
    const own = async (apiKey: string) => (await openRouterFor(scene, apiKey).getCurrentKeyMetadata()).data;
    expect(await own(scene.bossKey)).toMatchObject({
      isManagementKey: true,
      isProvisioningKey: true,
      isFreeTier: false,
      organizationId: null,
      limitRemaining: null,
      rateLimit: { requests: -1 },
    });
    expect(await own('key-of-file')).toMatchObject({
      label: 'of-file',
      isManagementKey: false,
      organizationId: 'acme',
      workspaceId: 'default',
      limitRemaining: 5,
      rateLimit: { requests: 60, interval: '1m' },
      freeModelDailyRequests: { limit: 0, used: 0, remaining: 0 },
      allowedDataRegions: ['global'],
    });
    const { secret } = await scene.make({ limit: 2 });
    expect(await own(secret)).toMatchObject({ isManagementKey: false, limit: 2, limitRemaining: 2, usage: 0 });
  });
});
