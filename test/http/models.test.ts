import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { openGateway, type TestGateway } from '../support/gateway.ts';
import { schemas } from '../support/schemas.ts';

const CONFIG = `
server: { port: 0 }
providers:
  demo: { kind: demo }
  openrouter: { kind: openrouter, api_key: "none" }
  gemini: { kind: gemini, api_key: "\${GEMINI_API_KEY}" }
models:
  deepseek/deepseek-chat: { provider: openrouter, released: 2026-03-01, context_window: 128000, aliases: [deep] }
  gemini-3.8-flash: { provider: gemini }
  gpt-4-turbo: { status: shutdown, shutdown: 2026-10-23, replacement: deepseek/deepseek-chat }
`;

describe('GET /v1/models', () => {
  let gateway: TestGateway;
  const api = () => request(gateway.url);
  beforeAll(async () => {
    gateway = await openGateway(CONFIG);
  });
  afterAll(() => gateway.close());

  it('lists the models that are available now, in the OpenAI format', async () => {
    const { body } = await api()
      .get('/v1/models')
      .expect(200)
      .expect('content-type', /application\/json/);
    const ids = recordsOf(body.data).map(({ id }) => id);
    expect(ids).toContain('demo');
    expect(ids).toContain('deepseek/deepseek-chat');
    expect(ids).not.toContain('gemini-3.8-flash');
    expect(ids).not.toContain('gpt-4-turbo');
    expect(schemas?.models(body) ?? null).toBeNull();
  });

  it.each(['deepseek/deepseek-chat', 'deepseek%2Fdeepseek-chat', 'deep'])('finds a model as %s', async (name) => {
    const { body } = await api().get(`/v1/models/${name}`).expect(200);
    expect(body).toMatchObject({ id: 'deepseek/deepseek-chat', provider: 'openrouter', context_window: 128_000 });
  });

  it('names the replacement of a model that was shut down', async () => {
    const { body } = await api().get('/v1/models/gpt-4-turbo').expect(404);
    expect(body.error.code).toBe('model_not_found');
    expect(body.error.message).toContain('deepseek/deepseek-chat');
  });

  it('names the missing API key of an unavailable model', async () => {
    const { body } = await api().get('/v1/models/gemini-3.8-flash').expect(404);
    expect(body.error.message).toContain('GEMINI_API_KEY');
  });

  it('refuses another value of all, and lets other parameters pass', async () => {
    const { body } = await api().get('/v1/models?all=yes').expect(400);
    expect(body.error).toMatchObject({ code: 'invalid_value', param: 'all' });
    const { body: plain } = await api().get('/v1/models?limit=3&all=false').expect(200);
    expect(recordsOf(plain.data).map(({ id }) => id)).not.toContain('gpt-4-turbo');
    expect(recordsOf(plain.data)[0]).not.toHaveProperty('available');
  });

  it('answers 405 to any other method', async () => {
    await api().delete('/v1/models/demo').expect(405).expect('allow', 'GET');
  });
});

const GROUPS = `
server: { drain: 0ms }
providers: { demo: { kind: demo }, gemini: { kind: gemini, api_key: "\${GEMINI_API_KEY}" } }
auth:
  keys:
    - { name: boss, key: key-of-the-boss, admin: true }
    - { name: plain, key: key-of-a-client }
    - { name: some, key: key-for-two, models: [one, pair] }
models:
  one: { provider: demo, aliases: [uno], fallbacks: [two], released: 2026-03-01, as_of: 2026-11-24 }
  two: { provider: demo, upstream: demo:slow, kind: embedding }
  off: { provider: gemini }
  gone: { provider: demo, status: shutdown, shutdown: 2026-10-23, replacement: one }
  pair: { targets: [one, { model: two, weight: 3 }], strategy: weighted }
  smart:
    rules: [{ name: vip, when: { key: [boss], header: { x-tier: hidden-value } }, use: [two] }]
    otherwise: [one]
`;

describe('GET /v1/models?all=true', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await openGateway(GROUPS);
  });
  afterAll(() => gateway.close());
  const read = async (key: string): Promise<Map<unknown, Readonly<Record<string, unknown>>>> => {
    const { body } = await request(gateway.url)
      .get('/v1/models?all=true')
      .set('authorization', `Bearer ${key}`)
      .expect(200);
    expect(schemas?.openModels(body) ?? null).toBeNull();
    return new Map(recordsOf(body.data).map((model) => [model['id'], model]));
  };

  it('has what cannot be asked, and why', async () => {
    const models = await read('key-of-a-client');
    expect(models.get('off')).toMatchObject({ available: false, provider: 'gemini', owned_by: 'gemini' });
    expect(models.get('off')?.['reason']).toContain('GEMINI_API_KEY');
    expect(models.get('gone')).toMatchObject({ available: false, status: 'shutdown', replacement: 'one' });
    expect(models.get('gone')?.['reason']).toContain("was shut down on 2026-10-23. Use 'one' instead.");
  });

  it('has aliases, fallbacks, dates and kinds', async () => {
    const models = await read('key-of-a-client');
    expect(models.get('one')).toMatchObject({
      ...{ available: true, reason: null, kind: 'chat', aliases: ['uno'], fallbacks: ['two'] },
      ...{ released: '2026-03-01', replacement: null, as_of: '2026-11-24' },
      ...{ strategy: null, members: null, rules: null, otherwise: null },
    });
    expect(models.get('two')).toMatchObject({ kind: 'embedding' });
  });

  it('has groups with their members, and rules; the conditions for an admin alone, without values of headers', async () => {
    const rule = { name: 'vip', strategy: 'order', members: [{ model: 'two' }] };
    const models = await read('key-of-the-boss');
    const members = [{ model: 'one' }, { model: 'two', weight: 3 }];
    expect(models.get('pair')).toMatchObject({ strategy: 'weighted', members, rules: null });
    expect(models.get('smart')).toMatchObject({
      rules: [{ ...rule, when: { key: ['boss'], header: ['x-tier'] } }],
      otherwise: [{ model: 'one' }],
    });
    const plain = await read('key-of-a-client');
    expect(plain.get('smart')).toMatchObject({ rules: [{ ...rule, when: null }] });
    expect(JSON.stringify([...models, ...plain])).not.toContain('hidden-value');
  });

  it('names to a key with models of its own no other', async () => {
    const models = await read('key-for-two');
    expect([...models.keys()].sort()).toEqual(['one', 'pair', 'smart']);
    expect(models.get('one')).toMatchObject({ fallbacks: [] });
    expect(models.get('pair')).toMatchObject({ members: [{ model: 'one' }] });
    expect(JSON.stringify([...models])).not.toMatch(/two|gemini|boss/);
  });
});
