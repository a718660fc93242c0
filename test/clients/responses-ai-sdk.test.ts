import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { collect } from './client.ts';
import { runStored } from './stored-demo.ts';

const Trip = z.object({ city: z.string(), days: z.number().int(), pace: z.enum(['slow', 'quick']) });

interface SentBody {
  readonly store?: boolean;
  readonly input: readonly { readonly type?: string }[];
}

let gateway: TestGateway;
/** The bodies that the client sent. */
let sent: SentBody[];

beforeEach(async () => {
  gateway = await runStored();
  sent = [];
});

/** The provider's default model, which speaks Responses. */
function modelOf({ url }: { readonly url: string }, id = 'demo') {
  const noting: typeof fetch = (address, init) => {
    sent.push(JSON.parse(String(init?.body)));
    return fetch(address, init);
  };
  return createOpenAI({ baseURL: `${url}/v1`, apiKey: 'any-key', fetch: noting })(id);
}

function twoSteps(store?: boolean) {
  return {
    model: modelOf(gateway),
    prompt: 'What is the weather in Paris?',
    tools: {
      get_weather: tool({
        description: 'The weather of a city',
        inputSchema: z.object({ city: z.string() }),
        execute: ({ city }) => `18 degrees in ${city}`,
      }),
    },
    stopWhen: isStepCount(3),
    // For the SDK a name that it does not know is a model without reasoning.
    providerOptions: {
      openai: store === undefined ? { forceReasoning: true, reasoningEffort: 'low' } : { store },
    },
  };
}

describe('the Vercel AI SDK over Responses', () => {
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

  it.each([
    ['refers to what is stored', undefined, 'item_reference'],
    ['sends all of it back', false, 'function_call'],
  ])('runs a tool in two steps, and %s', async (_name, store, type) => {
    const { text, steps } = await generateText(twoSteps(store));
    expect(text).toBe('The tool answered: 18 degrees in Paris');
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(sent[1]?.input.map((item) => item.type)).toContain(type);
    expect(sent[1]?.store).toBe(store);
  });

  it.each([
    ['refers to what is stored', undefined, 'item_reference'],
    ['sends all of it back', false, 'function_call'],
  ])('streams a tool in two steps, and %s', async (_name, store, type) => {
    const result = streamText(twoSteps(store));
    const types = (await collect(result.fullStream)).map((part) => part.type);
    expect(types).toEqual(expect.arrayContaining(['tool-call', 'tool-result', 'text-delta', 'finish']));
    expect(types).not.toContain('error');
    expect(await result.text).toBe('The tool answered: 18 degrees in Paris');
    expect(sent[1]?.input.map((item) => item.type)).toContain(type);
  });

  it('reads reasoning', async () => {
    const { reasoningText } = await generateText(twoSteps());
    expect(reasoningText).toContain('The user wrote to me.');
    expect(await streamText(twoSteps()).reasoningText).toContain('The user wrote to me.');
  });

  it('remembers over previousResponseId', async () => {
    const first = await generateText({ model: modelOf(gateway), prompt: 'My name is Ada.' });
    const previousResponseId = String(first.providerMetadata?.['openai']?.['responseId']);
    const providerOptions = { openai: { previousResponseId } };
    const second = await generateText({ model: modelOf(gateway), prompt: 'What is my name?', providerOptions });
    expect(second.text).toBe('Your name is Ada.');
  });

  it('generates and streams objects (JSON schema)', async () => {
    const asked = {
      model: modelOf(gateway),
      prompt: 'Plan 3 quick days in Rome',
      output: Output.object({ schema: Trip }),
    };
    const trip = { city: 'Rome', days: 3, pace: 'quick' };
    expect((await generateText(asked)).output).toEqual(trip);
    expect(await streamText(asked).output).toEqual(trip);
  });

  it('tells that an answer was cut', async () => {
    const asked = { model: modelOf(gateway), prompt: 'Hello!', maxOutputTokens: 8 };
    expect((await generateText(asked)).finishReason).toBe('length');
    expect(await streamText(asked).finishReason).toBe('length');
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
    const broken = await runStored(configFor(upstream.url));
    const errors: unknown[] = [];
    const result = streamText({
      model: modelOf(broken, 'm'),
      prompt: 'Hello!',
      onError: ({ error }) => void errors.push(error),
    });
    expect((await collect(result.textStream)).join('')).toBe('Hel');
    expect(JSON.stringify(errors[0])).toContain('The answer broke off');
    expect(await result.finishReason).toBe('error');
  });
});
