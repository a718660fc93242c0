import { Agent, OpenAIResponsesModel, Runner, tool } from '@openai/agents';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, type TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const QUESTION = 'What is the weather in Paris?';

const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `18 degrees in ${city}`,
});

let gateway: TestGateway;
const runner = new Runner({ tracingDisabled: true });

beforeEach(async () => {
  gateway = await runStored();
});

function agentOf(at: { readonly url: string }, model = 'demo'): Agent {
  return new Agent({
    name: 'Forecaster',
    instructions: 'Tell the weather.',
    model: new OpenAIResponsesModel(openaiFor(at), model),
    modelSettings: { reasoning: { effort: 'low' } },
    tools: [weather],
  });
}

describe('the OpenAI Agents SDK', () => {
  it('runs an agent with a tool', async () => {
    const result = await runner.run(agentOf(gateway), QUESTION);
    expect(result.finalOutput).toBe('The tool answered: 18 degrees in Paris');
    const types = result.newItems.map(({ type }) => type);
    expect(types).toEqual([
      'reasoning_item',
      'tool_call_item',
      'tool_call_output_item',
      'reasoning_item',
      'message_output_item',
    ]);
  });

  it('streams one', async () => {
    const result = await runner.run(agentOf(gateway), QUESTION, { stream: true });
    let text = '';
    for await (const piece of result.toTextStream()) text += piece;
    await result.completed;
    expect(text).toBe('The tool answered: 18 degrees in Paris');
    expect(result.finalOutput).toBe(text);
  });

  it('goes on in a chain, and in a conversation', async () => {
    const first = await runner.run(agentOf(gateway), 'My name is Ada.');
    const previousResponseId = String(first.lastResponseId);
    const second = await runner.run(agentOf(gateway), 'What is my name?', { previousResponseId });
    expect(second.finalOutput).toBe('Your name is Ada.');
    const { id: conversationId } = await openaiFor(gateway).conversations.create();
    await runner.run(agentOf(gateway), 'My name is Bob.', { conversationId });
    const third = await runner.run(agentOf(gateway), 'What is my name?', { conversationId });
    expect(third.finalOutput).toBe('Your name is Bob.');
  });

  it('throws what the gateway refuses', async () => {
    await expect(runner.run(agentOf(gateway, 'nobody'), QUESTION)).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  it('throws when a stream breaks off', async () => {
    const answer = chatStream('Hel', 'lo');
    const upstream = await runUpstream({ ...answer, destroyAfterBytes: firstWordBytes(answer) });
    const broken = await runStored(configFor(upstream.url));
    const result = await runner.run(agentOf(broken, 'm'), 'Hello!', { stream: true });
    await expect(result.completed).rejects.toThrow('The answer broke off');
  });
});
