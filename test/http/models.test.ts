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

  it('answers 405 to any other method', async () => {
    await api().delete('/v1/models/demo').expect(405).expect('allow', 'GET');
  });
});
