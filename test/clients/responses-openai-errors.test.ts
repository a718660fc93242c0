import {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { describe, expect, it } from 'vitest';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { collect, DEMO_CONFIG, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const HELLO = { model: 'demo', input: 'Hello!' };

/** A gateway whose model `m` breaks off after its first word. */
async function runBroken(): Promise<TestGateway> {
  const answer = chatStream('Hel', 'lo');
  const upstream = await runUpstream({ ...answer, destroyAfterBytes: firstWordBytes(answer) });
  return runStored(configFor(upstream.url));
}

describe('the OpenAI client throws, for responses,', () => {
  it.each([
    ['an unknown model', { ...HELLO, model: 'nobody' }, NotFoundError, { code: 'model_not_found', status: 404 }],
    ['a bad value', { ...HELLO, temperature: 9 }, BadRequestError, { param: 'temperature', status: 400 }],
    ['no input', { model: 'demo' }, BadRequestError, { status: 400 }],
    ['a busy model', { ...HELLO, model: 'demo:429' }, RateLimitError, { status: 429, code: 'rate_limit_exceeded' }],
    ['a broken model', { ...HELLO, model: 'demo:500' }, InternalServerError, { type: 'server_error' }],
    [
      'an unknown parent',
      { ...HELLO, previous_response_id: 'resp_none' },
      BadRequestError,
      { code: 'previous_response_not_found' },
    ],
    [
      'an unknown item',
      { model: 'demo', input: [{ type: 'item_reference' as const, id: 'rs_none' }] },
      BadRequestError,
      { param: 'input', message: expect.stringContaining("Item with id 'rs_none' not found.") },
    ],
    [
      'an output without its call',
      { model: 'demo', input: [{ type: 'function_call_output' as const, call_id: 'call_x', output: '' }] },
      BadRequestError,
      { message: expect.stringContaining('No tool call found for function call output with call_id call_x.') },
    ],
    [
      'a demanded tool that no model here has',
      {
        ...HELLO,
        tools: [{ type: 'file_search' as const, vector_store_ids: ['vs'] }],
        tool_choice: 'required' as const,
      },
      BadRequestError,
      { status: 400 },
    ],
  ])('at %s', async (_name, body, kind, fields) => {
    const client = openaiFor(await runStored(`${DEMO_CONFIG}retry: { max_retries: 0 }\n`));
    const whole = client.responses.create(body);
    await expect(whole).rejects.toBeInstanceOf(kind);
    await expect(whole).rejects.toMatchObject({ ...fields, requestID: expect.any(String) });
    await expect(client.responses.create({ ...body, stream: true })).rejects.toMatchObject(fields);
  });

  it('at a wrong key, and at what belongs to another one', async () => {
    const keys = 'auth: { keys: [{ name: me, key: sk-mine }, { name: you, key: sk-yours }] }\n';
    const gateway = await runStored(`${DEMO_CONFIG}${keys}`);
    const [mine, yours, nobodys] = ['sk-mine', 'sk-yours', 'sk-x'].map((apiKey) => openaiFor(gateway, { apiKey }));
    const { id } = (await mine?.responses.create(HELLO)) ?? { id: '' };
    await expect(nobodys?.responses.create(HELLO)).rejects.toBeInstanceOf(AuthenticationError);
    await expect(yours?.responses.retrieve(id)).rejects.toThrow(`Response with id '${id}' not found.`);
    await expect(yours?.responses.create({ ...HELLO, previous_response_id: id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
    await expect(mine?.responses.retrieve(id)).resolves.toHaveProperty('id', id);
  });

  it('in a stream that breaks off, after its words', async () => {
    const client = openaiFor(await runBroken());
    const words: string[] = [];
    const stream = client.responses.stream({ ...HELLO, model: 'm' });
    stream.on('response.output_text.delta', ({ delta }) => void words.push(delta));
    const end = stream.finalResponse();
    await expect(end).rejects.toBeInstanceOf(APIError);
    await expect(end).rejects.toMatchObject({
      code: 'upstream_stream_interrupted',
      message: expect.stringContaining('The answer broke off'),
    });
    expect(words).toEqual(['Hel']);
  });

  it('in one that is read event by event: error, then response.failed, and it stays readable', async () => {
    const gateway = await runBroken();
    const body = JSON.stringify({ ...HELLO, model: 'm', stream: true });
    const text = await (await fetch(`${gateway.url}/v1/responses`, { method: 'POST', body })).text();
    const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(types.slice(-2)).toEqual(['error', 'response.failed']);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);

    const client = openaiFor(gateway);
    const reading = client.responses.create({ ...HELLO, model: 'm', stream: true }).then(collect);
    await expect(reading).rejects.toBeInstanceOf(APIError);
    const id = /"id":"(resp_\w+)"/.exec(text)?.[1] ?? '';
    expect(await client.responses.retrieve(id)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
      output_text: 'Hel',
      output: [{ status: 'incomplete' }],
    });
    const child = client.responses.create({ ...HELLO, model: 'm', previous_response_id: id });
    await expect(child).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
  });
});
