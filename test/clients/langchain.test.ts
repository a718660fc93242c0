import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { collect, DEMO_CONFIG } from './client.ts';

const Trip = z.object({ city: z.string(), days: z.number().int(), pace: z.enum(['slow', 'quick']) });

const weather = tool(({ city }) => `18 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});

let gateway: TestGateway;
let model: ChatOpenAI;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
  const configuration = { baseURL: `${gateway.url}/v1` };
  model = new ChatOpenAI({ model: 'demo', apiKey: 'any-key', maxRetries: 0, configuration });
});

describe('LangChain', () => {
  it('invokes the model', async () => {
    const answer = await model.invoke('Hello!');
    expect(answer.text).toMatch(/^You said: "Hello!"/);
    expect(answer.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
    expect(answer.response_metadata['finish_reason']).toBe('stop');
  });

  it('streams, with usage at the end', async () => {
    const chunks = await collect(await model.stream('Hello!'));
    expect(chunks.map(({ text }) => text).join('')).toMatch(/^You said: "Hello!"/);
    const counted = chunks.filter((chunk) => chunk.usage_metadata !== undefined);
    expect(counted).toHaveLength(1);
    expect(counted[0]?.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
  });

  it('makes a tool call with a bound tool and understands its result', async () => {
    const question = new HumanMessage('What is the weather in Paris?');
    const withTools = model.bindTools([weather]);
    const call = await withTools.invoke([question]);
    expect(call.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
    const results = await Promise.all((call.tool_calls ?? []).map(async (one) => weather.invoke(one)));
    expect(results[0]).toBeInstanceOf(ToolMessage);
    const answer = await withTools.invoke([question, call, ...(results as ToolMessage[])]);
    expect(answer.text).toBe('The tool answered: 18 degrees in Paris');
  });

  it('joins streamed tool calls', async () => {
    const chunks = await collect(await model.bindTools([weather]).stream('What is the weather in Paris?'));
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk));
    expect(whole.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
  });

  it.each(['jsonSchema', 'functionCalling'] as const)('gets structured output (JSON schema) by %s', async (method) => {
    const structured = model.withStructuredOutput(Trip, { name: 'plan_trip', method });
    expect(await structured.invoke('Plan 3 quick days in Rome')).toEqual({ city: 'Rome', days: 3, pace: 'quick' });
  });

  it('throws an error with its HTTP status', async () => {
    const nobody = new ChatOpenAI({
      model: 'nobody',
      apiKey: 'any-key',
      maxRetries: 0,
      configuration: { baseURL: `${gateway.url}/v1` },
    });
    await expect(nobody.invoke('Hello!')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
