import type OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const Trip = z.object({ city: z.string(), days: z.number().int(), pace: z.enum(['slow', 'quick']) });

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};

const PATCH: OpenAI.Responses.CustomTool = { type: 'custom', name: 'apply_patch', description: 'Patches a file' };

let client: OpenAI;

beforeEach(async () => {
  client = openaiFor(await runStored());
});

describe('the OpenAI client, responses', () => {
  it('creates a whole one, with output_text and usage', async () => {
    const response = await client.responses.create({ model: 'demo', input: 'Hello!', metadata: { of: 'me' } });
    expect(response.output_text).toMatch(/^You said: "Hello!"/);
    expect(response).toMatchObject({ object: 'response', status: 'completed', model: 'demo', metadata: { of: 'me' } });
    expect(response.usage).toMatchObject({
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    });
    const { input_tokens: input, output_tokens: output, total_tokens: total } = response.usage ?? {};
    expect(total).toBe(Number(input) + Number(output));
    expect(response._request_id).toBe(response.id);
  });

  it('streams events, numbered without a gap', async () => {
    const stream = await client.responses.create({ model: 'demo', input: 'Hello!', stream: true });
    const events = await collect(stream);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['response.created', 'response.completed']);
    const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
    expect(text).toMatch(/^You said: "Hello!"/);
  });

  it('accumulates a stream to what a whole answer is', async () => {
    const stream = client.responses.stream({ model: 'demo', input: 'Hello!', reasoning: { effort: 'low' } });
    const snapshots: string[] = [];
    stream.on('response.output_text.delta', ({ snapshot }) => void snapshots.push(snapshot));
    const response = await stream.finalResponse();
    expect(snapshots.at(-1)).toBe(response.output_text);
    expect(snapshots.length).toBeGreaterThan(10);
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(await client.responses.retrieve(response.id)).toMatchObject({ output: wire(response.output) });
  });

  it('parses JSON of a zod schema, whole and streamed', async () => {
    const asked = { model: 'demo', input: 'Plan 3 quick days in Rome', text: { format: zodTextFormat(Trip, 'trip') } };
    const trip = { city: 'Rome', days: 3, pace: 'quick' };
    expect((await client.responses.parse(asked)).output_parsed).toEqual(trip);
    expect((await client.responses.stream(asked).finalResponse()).output_parsed).toEqual(trip);
  });

  it('calls a function of itself, and reads its result over a chain', async () => {
    const input = "What's the weather like in San Francisco?";
    const asked = await client.responses.create({ model: 'demo', input, tools: [WEATHER] });
    const [call] = asked.output;
    if (call?.type !== 'function_call') throw new Error('It did not call.');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"San Francisco"}', status: 'completed' });
    const result = { type: 'function_call_output' as const, call_id: call.call_id, output: '18 degrees' };
    const chained = { model: 'demo', input: [result], tools: [WEATHER], previous_response_id: asked.id };
    expect((await client.responses.create(chained)).output_text).toBe('The tool answered: 18 degrees');
    const replayed = await client.responses.create({
      model: 'demo',
      input: [{ role: 'user', content: input }, ...toInput(asked), result],
      store: false,
    });
    expect(replayed.output_text).toBe('The tool answered: 18 degrees');
  });

  it('streams the arguments of a call', async () => {
    const stream = client.responses.stream({ model: 'demo', input: 'The weather in Paris?', tools: [WEATHER] });
    const snapshots: string[] = [];
    stream.on('response.function_call_arguments.delta', ({ snapshot }) => void snapshots.push(snapshot));
    expect((await stream.finalResponse()).output).toMatchObject([{ name: 'get_weather', status: 'completed' }]);
    expect(snapshots.at(-1)).toBe('{"city":"Paris"}');
  });

  it('calls a custom tool with a text, whole and streamed', async () => {
    const asked = { model: 'demo', input: 'Apply the patch', tools: [PATCH] };
    const call = { type: 'custom_tool_call', name: 'apply_patch', input: 'Apply the patch' };
    const whole = await client.responses.create(asked);
    expect(whole.output).toMatchObject([call]);
    expect((await client.responses.stream(asked).finalResponse()).output).toMatchObject([call]);
    const [{ call_id: id }] = whole.output as [OpenAI.Responses.ResponseCustomToolCall];
    const output = { type: 'custom_tool_call_output' as const, call_id: id, output: 'done' };
    const chained = { model: 'demo', input: [output], previous_response_id: whole.id };
    expect((await client.responses.create(chained)).output_text).toBe('The tool answered: done');
  });

  it('remembers over a chain, and nothing without it', async () => {
    const first = await client.responses.create({ model: 'demo', input: 'My name is Ada.' });
    const question = { model: 'demo', input: 'What is my name? Reply with just the name.' };
    const second = await client.responses.create({ ...question, previous_response_id: first.id });
    expect(second).toMatchObject({ output_text: 'Your name is Ada.', previous_response_id: first.id });
    const third = await client.responses.stream({ ...question, previous_response_id: second.id }).finalResponse();
    expect(third.output_text).toBe('Your name is Ada.');
    expect((await client.responses.create(question)).output_text).toMatch(/^You said: /);
  });

  it.each([1, 8])('ends after %d tokens as incomplete', async (limit) => {
    const asked = { model: 'demo', input: 'Hello!', max_output_tokens: limit };
    const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const whole = await client.responses.create(asked);
    expect(whole).toMatchObject({ ...cut, usage: { output_tokens: limit }, output: [{ status: 'incomplete' }] });
    expect(await client.responses.stream(asked).finalResponse()).toMatchObject(cut);
  });

  it('tells probabilities of tokens', async () => {
    const include = ['message.output_text.logprobs' as const];
    const response = await client.responses.create({ model: 'demo', input: 'Hello!', top_logprobs: 2, include });
    const [item] = response.output;
    const [part] = item?.type === 'message' ? item.content : [];
    if (part?.type !== 'output_text') throw new Error('There is no text.');
    expect(part.logprobs?.map(({ token }) => token).join('')).toBe(response.output_text);
    expect(part.logprobs?.[0]?.top_logprobs).toHaveLength(2);
  });
});

/** What is sent back; of a kind of items the client has two types for one wire form. */
function toInput({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseInput {
  return output as OpenAI.Responses.ResponseInput;
}

/** As it stands on the wire: the client adds fields of its own to what it parses. */
function wire(output: OpenAI.Responses.ResponseOutputItem[]): unknown {
  return JSON.parse(JSON.stringify(output, (key, value) => (key === 'parsed' ? undefined : value)));
}
