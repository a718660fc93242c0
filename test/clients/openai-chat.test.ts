import { beforeEach, describe, expect, it } from 'vitest';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { asking, collect, DEMO_CONFIG, openaiFor } from './client.ts';

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
});

describe('the OpenAI client', () => {
  it('completes a chat', async () => {
    const answer = await openaiFor(gateway).chat.completions.create({ model: 'demo', messages: asking('Hello!') });
    expect(answer).toMatchObject({ object: 'chat.completion', model: 'demo' });
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]?.message.content).toMatch(/^You said: "Hello!"/);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    expect(answer._request_id).toMatch(/^[A-Za-z0-9]+$/);
  });

  it('reads the x-sluice headers from the raw response', async () => {
    const { response } = await openaiFor(gateway)
      .chat.completions.create({ model: 'demo', messages: asking('Hello!') })
      .withResponse();
    expect(response.headers.get('x-sluice-model')).toBe('demo');
    expect(response.headers.get('x-sluice-provider')).toBe('demo');
    expect(response.headers.get('x-sluice-attempts')).toBe('1');
  });

  it('reads a stream chunk by chunk', async () => {
    const stream = await openaiFor(gateway).chat.completions.create({
      model: 'demo',
      messages: asking('Hello!'),
      stream: true,
    });
    const chunks = await collect(stream);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toMatch(/^You said: "Hello!"/);
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('gets the same text whether it streams or not', async () => {
    const client = openaiFor(gateway);
    const whole = await client.chat.completions.create({ model: 'demo', messages: asking('Hello!') });
    const runner = client.chat.completions.stream({ model: 'demo', messages: asking('Hello!') });
    expect(await runner.finalContent()).toBe(whole.choices[0]?.message.content);
  });

  it('gets usage in the last chunk with stream_options.include_usage, and only then', async () => {
    const request = { model: 'demo', messages: asking('Hello!'), stream: true } as const;
    const client = openaiFor(gateway).chat.completions;
    const asked = await collect(await client.create({ ...request, stream_options: { include_usage: true } }));
    expect(asked.at(-1)?.choices).toEqual([]);
    expect(asked.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
    const plain = await collect(await client.create(request));
    expect(plain.every(({ usage }) => usage === undefined)).toBe(true);
  });

  it('keeps several choices (n) apart', async () => {
    const request = { model: 'demo', messages: asking('Hello!'), n: 3 };
    const whole = await openaiFor(gateway).chat.completions.create(request);
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const streamed = await openaiFor(gateway).chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices.map(({ message }) => message.content)).toEqual(
      whole.choices.map(({ message }) => message.content),
    );
  });

  it('gets the same logprobs streamed and whole', async () => {
    const request = { model: 'demo', messages: asking('Hello!'), logprobs: true, top_logprobs: 2, max_tokens: 4 };
    const whole = await openaiFor(gateway).chat.completions.create(request);
    const streamed = await openaiFor(gateway).chat.completions.stream(request).finalChatCompletion();
    expect(whole.choices[0]?.logprobs?.content).toHaveLength(4);
    expect(whole.choices[0]?.logprobs?.content?.[0]?.top_logprobs).toHaveLength(2);
    expect(streamed.choices[0]?.logprobs?.content).toEqual(whole.choices[0]?.logprobs?.content);
  });

  it('finds reasoning in reasoning_content, counted in the usage', async () => {
    const answer = await openaiFor(gateway).chat.completions.create({
      model: 'demo',
      messages: asking('Hello!'),
      reasoning_effort: 'low',
    });
    expect(answer.choices[0]?.message).toHaveProperty('reasoning_content', expect.stringContaining('The user'));
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });
});

describe('the events of the OpenAI stream helper', () => {
  it('come in order and end with the whole completion', async () => {
    const runner = openaiFor(gateway).chat.completions.stream({ model: 'demo', messages: asking('Hello!') });
    const events: string[] = [];
    runner.on('connect', () => events.push('connect'));
    runner.on('content', () => events.push('content'));
    runner.on('content.done', () => events.push('content.done'));
    runner.on('finalChatCompletion', () => events.push('finalChatCompletion'));
    runner.on('end', () => events.push('end'));
    const completion = await runner.finalChatCompletion();
    await runner.done();
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(events.filter((event, index) => event !== events[index - 1])).toEqual([
      'connect',
      'content',
      'content.done',
      'finalChatCompletion',
      'end',
    ]);
  });

  it('carry the usage of the whole answer', async () => {
    const request = { model: 'demo', messages: asking('Hello!'), stream_options: { include_usage: true } };
    const runner = openaiFor(gateway).chat.completions.stream(request);
    expect(await runner.totalUsage()).toMatchObject({ completion_tokens: expect.any(Number) });
  });
});
