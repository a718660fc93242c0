import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { collect } from './client.ts';
import { runStored } from './stored-demo.ts';

const Trip = z.object({ city: z.string(), days: z.number().int(), pace: z.enum(['slow', 'quick']) });

const weather = tool(({ city }) => `18 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});

let gateway: TestGateway;
let model: ChatOpenAI;

beforeEach(async () => {
  gateway = await runStored();
  model = modelOf(gateway);
});

function modelOf({ url }: { readonly url: string }, id = 'demo', rest: object = {}): ChatOpenAI {
  const configuration = { baseURL: `${url}/v1` };
  return new ChatOpenAI({ model: id, apiKey: 'any-key', maxRetries: 0, useResponsesApi: true, configuration, ...rest });
}

describe('LangChain over Responses', () => {
  it('invokes the model', async () => {
    const answer = await model.invoke('Hello!');
    expect(answer.text).toMatch(/^You said: "Hello!"/);
    expect(answer.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
    expect(answer.response_metadata).toMatchObject({ object: 'response', status: 'completed' });
  });

  it('streams, with usage at the end', async () => {
    const chunks = await collect(await model.stream('Hello!'));
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.map(({ text }) => text).join('')).toMatch(/^You said: "Hello!"/);
    expect(chunks.filter((chunk) => chunk.usage_metadata !== undefined)).toHaveLength(1);
  });

  it.each(['invoke', 'stream'] as const)('makes a tool call and understands its result: %s', async (way) => {
    const question = new HumanMessage('What is the weather in Paris?');
    const thinking = modelOf(gateway, 'demo', { reasoning: { effort: 'low' } }).bindTools([weather]);
    const call = way === 'invoke' ? await thinking.invoke([question]) : await joined(await thinking.stream([question]));
    expect(call.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
    const results = await Promise.all((call.tool_calls ?? []).map(async (one) => weather.invoke(one)));
    expect(results[0]).toBeInstanceOf(ToolMessage);
    const answer = await thinking.invoke([question, call, ...(results as ToolMessage[])]);
    expect(answer.text).toBe('The tool answered: 18 degrees in Paris');
  });

  it('remembers over a chain', async () => {
    const first = await model.invoke('My name is Ada.');
    const previous = String(first.response_metadata['id']);
    const second = await model.invoke('What is my name?', { previous_response_id: previous });
    expect(second.text).toBe('Your name is Ada.');
  });

  it('gets structured output (JSON schema)', async () => {
    const structured = model.withStructuredOutput(Trip, { name: 'plan_trip', method: 'jsonSchema' });
    expect(await structured.invoke('Plan 3 quick days in Rome')).toEqual({ city: 'Rome', days: 3, pace: 'quick' });
  });

  it('throws an error with its HTTP status', async () => {
    await expect(modelOf(gateway, 'nobody').invoke('Hello!')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  it('throws an error in the middle of a stream', async () => {
    const answer = chatStream('Hel', 'lo');
    const upstream = await runUpstream({ ...answer, destroyAfterBytes: firstWordBytes(answer) });
    const broken = modelOf(await runStored(configFor(upstream.url)), 'm');
    const words: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const { text } of await broken.stream('Hello!')) words.push(text);
    };
    await expect(reading()).rejects.toThrow('The answer broke off');
    expect(words.join('')).toBe('Hel');
  });
});

/** A stream as one message. */
async function joined(stream: Awaited<ReturnType<ChatOpenAI['stream']>>) {
  return (await collect(stream)).reduce((sum, chunk) => sum.concat(chunk));
}
