import { NotFoundError } from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { collect, openaiFor } from './client.ts';

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream();
  gateway = await runGateway(`
providers:
  up: { kind: openai-compatible, base_url: "${upstream.url}/v1", api_key: sk-provider }
models:
  plain: { provider: up }
  vendor/with/slashes: { provider: up, upstream: inner, context_window: 1000 }
  small-embedding: { provider: up, upstream: text-embedding-9, kind: embedding }
server: { drain: 0ms }
`);
});

describe('/v1/models with the OpenAI client', () => {
  it('are listed', async () => {
    const models = await collect(await openaiFor(gateway).models.list());
    expect(models.map(({ id }) => id)).toEqual(['plain', 'vendor/with/slashes', 'small-embedding']);
    expect(models.every(({ object }) => object === 'model')).toBe(true);
  });

  it('are retrieved, also by an id with slashes', async () => {
    const model = await openaiFor(gateway).models.retrieve('vendor/with/slashes');
    expect(model).toMatchObject({ id: 'vendor/with/slashes', object: 'model', context_window: 1000 });
  });

  it('that are unknown throw NotFoundError (404)', async () => {
    await expect(openaiFor(gateway).models.retrieve('vendor/nothing')).rejects.toThrow(NotFoundError);
  });
});

describe('/v1/embeddings with the OpenAI client', () => {
  it('come from the provider of the model, in the encoding_format that the client asks for by itself', async () => {
    const base64 = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString('base64');
    const data = [{ object: 'embedding', index: 0, embedding: base64 }];
    const usage = { prompt_tokens: 1, total_tokens: 1 };
    upstream.answer({ body: JSON.stringify({ object: 'list', data, model: 'text-embedding-9', usage }) });
    const answer = await openaiFor(gateway).embeddings.create({ model: 'small-embedding', input: 'Hello' });
    expect(answer.data[0]?.embedding).toEqual([0.5, -0.25]);
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/embeddings',
      headers: { authorization: 'Bearer sk-provider' },
      body: { model: 'text-embedding-9', input: 'Hello', encoding_format: 'base64' },
    });
  });
});

describe('passthrough to a provider without an API key', () => {
  it('is a 404 with the reason, and is not retried', async () => {
    const rest = 'passthrough: { default: openai }\nserver: { drain: 0ms }';
    const keyless = await runGateway(`providers: { openai: { kind: openai, api_key: "\${NO_KEY}" } }\n${rest}\n`);
    const answer = openaiFor(keyless).files.list();
    await expect(answer).rejects.toThrow(NotFoundError);
    await expect(answer).rejects.toThrow('set the environment variable NO_KEY');
  });
});
