import { describe, expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { chatWith, openManaged } from '../support/managed.ts';

const MODELS = `models:
  cheap: { provider: demo, upstream: demo, aliases: [low] }
  dear: { provider: other, upstream: demo, fallbacks: [cheap] }
  both: { strategy: order, targets: [dear, cheap] }
  ruled:
    rules:
      - { name: tools, when: { tools: true }, use: [dear] }
      - { name: rest, use: [cheap] }
  failing: { provider: demo, upstream: "demo:500", fallbacks: [dear, cheap] }
passthrough: { default: demo }
retry: { max_retries: 0 }
`;

async function scene(models: readonly string[], orgModels?: readonly string[]) {
  const managed = await openManaged(`${temporaryFolder()}/sluice.db`, MODELS);
  await managed.boss('POST', '/v1/orgs', { id: 'acme', models: orgModels ?? null });
  const { ask } = await managed.make({ models, org_id: 'acme' });
  const served = async (model: string, more: object = {}): Promise<unknown> => {
    const body = { model, messages: [{ role: 'user', content: 'Hi' }], ...more };
    const { status, headers, code } = await ask('POST', '/v1/chat/completions', body);
    return status === 200 ? headers.get('x-sluice-model') : code;
  };
  return { ask, served };
}

describe('the models that a key may use', () => {
  it('filter groups, rules, fallbacks and direct names alike', async () => {
    const { served } = await scene(['cheap', 'failing']);
    expect(await served('cheap')).toBe('cheap');
    expect(await served('low')).toBe('cheap');
    expect(await served('dear')).toBe('model_not_allowed');
    expect(await served('both')).toBe('cheap');
    expect(await served('ruled')).toBe('cheap');
    expect(await served('failing')).toBe('cheap');
    expect(await served('cheap', { fallbacks: ['dear'] })).toBe('cheap');
    expect(await served('dear', { fallbacks: ['cheap'] })).toBe('model_not_allowed');
    expect(await served('other/demo')).toBe('model_not_allowed');
    expect(await served('other/anything')).toBe('model_not_allowed');
    expect(await served('nothing')).toBe('model_not_found');
  });

  it('are named by their ids, aliases, directly, or by patterns', async () => {
    expect(await (await scene(['low'])).served('cheap')).toBe('cheap');
    const direct = await scene(['other/*']);
    expect(await direct.served('dear')).toBe('dear');
    expect(await direct.served('cheap')).toBe('model_not_allowed');
    expect(await (await scene(['*'])).served('both')).toBe('dear');
    expect(await (await scene([])).served('cheap')).toBe('model_not_allowed');
  });

  it('have to be those of the organisation too', async () => {
    const { served, ask } = await scene(['cheap', 'dear'], ['dear']);
    expect([await served('cheap'), await served('both')]).toEqual(['model_not_allowed', 'dear']);
    expect((await ask('GET', '/v1/key')).data['models']).toEqual([['cheap', 'dear'], ['dear']]);
  });

  it('are what is listed, and what may be chosen', async () => {
    const { ask } = await scene(['cheap']);
    const listed = recordsOf((await ask('GET', '/v1/models')).body['data']).map(({ id }) => id);
    expect(listed).toEqual(['cheap', 'both', 'ruled']);
    expect((await ask('GET', '/v1/models/cheap')).status).toBe(200);
    expect(await ask('GET', '/v1/models/dear')).toMatchObject({ status: 403, code: 'model_not_allowed' });
    const chosen = await ask('POST', '/v1/router/choose', { model: 'both', message: 'Hi' });
    expect([chosen.body['model'], recordsOf(chosen.body['candidates']).map(({ skipped }) => skipped)]).toEqual([
      'cheap',
      [null, 'the key may not use it'],
    ]);
    expect((await ask('POST', '/v1/router/choose', { model: 'dear', message: 'Hi' })).code).toBe('model_not_allowed');
  });

  it('hold for stored answers, and for what passes through', async () => {
    const { ask } = await scene(['cheap']);
    expect((await ask('POST', '/v1/responses', { model: 'dear', input: 'Hi' })).code).toBe('model_not_allowed');
    expect((await ask('POST', '/v1/responses', { model: 'cheap', input: 'Hi' })).status).toBe(200);
    const embed = (body: object) => ask('POST', '/v1/embeddings', body, { 'content-type': 'application/json' });
    expect((await embed({ model: 'dear', input: 'Hi' })).code).toBe('model_not_allowed');
    expect((await embed({ input: 'Hi' })).code).toBe('model_not_allowed');
    const form = await ask('POST', '/v1/audio/transcriptions', 'x', {
      'content-type': 'multipart/form-data; boundary=x',
    });
    expect(form.code).toBe('model_not_allowed');
    expect(recordOf((await embed({ model: 'cheap', input: 'Hi' })).body['error'])['code']).not.toBe(
      'model_not_allowed',
    );
  });
});

it('is any for a key without a list', async () => {
  const managed = await openManaged(`${temporaryFolder()}/sluice.db`, MODELS);
  const { ask } = await managed.make({});
  expect((await chatWith(ask, 'other/demo')).status).toBe(200);
});
