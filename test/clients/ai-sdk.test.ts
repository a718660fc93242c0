import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { collect, DEMO_CONFIG } from './client.ts';

const Trip = z.object({ city: z.string(), days: z.number().int(), pace: z.enum(['slow', 'quick']) });

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
});

function modelOf({ url }: { readonly url: string }, id = 'demo') {
  const options = { supportsStructuredOutputs: true, includeUsage: true };
  return createOpenAICompatible({ name: 'sluice', baseURL: `${url}/v1`, apiKey: 'any-key', ...options })(id);
}

function weatherTools() {
  return {
    get_weather: tool({
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `18 degrees in ${city}`,
    }),
  };
}

describe('the Vercel AI SDK', () => {
  it('generates text', async () => {
    const { text, finishReason, usage } = await generateText({ model: modelOf(gateway), prompt: 'Hello!' });
    expect(text).toMatch(/^You said: "Hello!"/);
    expect(finishReason).toBe('stop');
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it('streams text and reads usage', async () => {
    const result = streamText({ model: modelOf(gateway), prompt: 'Hello!' });
    const pieces = await collect(result.textStream);
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join('')).toMatch(/^You said: "Hello!"/);
    expect((await result.usage).outputTokens).toBeGreaterThan(0);
  });

  it('reads reasoning', async () => {
    const result = streamText({ model: modelOf(gateway), prompt: 'Hello!', reasoning: 'low' });
    expect(await result.text).toMatch(/^You said: "Hello!"/);
    expect(await result.reasoningText).toContain('The user wrote to me.');
  });

  it('runs tool calls', async () => {
    const { text, steps } = await generateText({
      model: modelOf(gateway),
      prompt: 'What is the weather in Paris?',
      tools: weatherTools(),
      stopWhen: isStepCount(3),
    });
    expect(text).toBe('The tool answered: 18 degrees in Paris');
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
  });

  it('runs tool calls in a stream', async () => {
    const result = streamText({
      model: modelOf(gateway),
      prompt: 'What is the weather in Paris?',
      tools: weatherTools(),
      stopWhen: isStepCount(3),
    });
    const types = (await collect(result.fullStream)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['tool-call', 'tool-result', 'text-delta', 'finish']));
    expect(types).not.toContain('error');
    expect(await result.text).toBe('The tool answered: 18 degrees in Paris');
  });

  it('generates objects (JSON schema)', async () => {
    const prompt = 'Plan 3 quick days in Rome';
    const { output } = await generateText({ model: modelOf(gateway), prompt, output: Output.object({ schema: Trip }) });
    expect(output).toEqual({ city: 'Rome', days: 3, pace: 'quick' });
  });

  it('streams objects (JSON schema)', async () => {
    const prompt = 'Plan 3 quick days in Rome';
    const result = streamText({ model: modelOf(gateway), prompt, output: Output.object({ schema: Trip }) });
    expect(await result.output).toEqual({ city: 'Rome', days: 3, pace: 'quick' });
  });

  it('reads the message of an error', async () => {
    const answer = generateText({ model: modelOf(gateway, 'nobody'), prompt: 'Hello!', maxRetries: 0 });
    const error = await answer.catch((reason: unknown) => reason);
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 404, message: expect.stringContaining("'nobody'") });
  });

  it('gets an error in the middle of a stream', async () => {
    const answer = chatStream('Hel', 'lo');
    const upstream = await runUpstream({ ...answer, destroyAfterBytes: firstWordBytes(answer) });
    const broken = await runGateway(configFor(upstream.url));
    const errors: unknown[] = [];
    const result = streamText({
      model: modelOf(broken, 'm'),
      prompt: 'Hello!',
      onError: ({ error }) => void errors.push(error),
    });
    expect((await collect(result.textStream)).join('')).toBe('Hel');
    expect(String(errors[0])).toContain('The answer broke off');
  });
});
