import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, streamText, tool } from 'ai';
import type OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatAnswer, chatChunk, DONE } from '../../lab/wire-answers.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import type { TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const THOUGHT = 'The user wants a look. I call the tool.';
const CALL = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
const QUESTION = 'What is there?';
const ANSWER = 'A tree.';

let upstream: TestUpstream;
let gateway: TestGateway;

/** A host as DeepSeek is one: it thinks before it calls. `m` and `n` are the same model of two providers. */
beforeEach(async () => {
  upstream = await runUpstream();
  upstream.answer(({ body }) => {
    const { messages, stream } = recordOf(body);
    const isOver = recordsOf(messages).some(({ role }) => role === 'tool');
    const said = isOver ? { content: ANSWER } : { content: null, reasoning_content: THOUGHT, tool_calls: [CALL] };
    const finish = isOver ? 'stop' : 'tool_calls';
    if (stream !== true) return { body: JSON.stringify(chatAnswer(said, 5, finish)) };
    const events = [chatChunk({ role: 'assistant', ...said }), chatChunk({}, finish), DONE];
    return { headers: { 'content-type': 'text/event-stream' }, body: events.join('') };
  });
  gateway = await runStored(
    `providers:\n  one: { kind: openai-compatible, base_url: "${upstream.url}/v1" }\n` +
      `  other: { kind: openai-compatible, base_url: "${upstream.url}/v1" }\n` +
      'models: { m: { provider: one, upstream: u }, n: { provider: other, upstream: u } }\n',
  );
});

/** The answers of the history, as the host was last told them. */
function answersTold(): JsonRecord[] {
  return recordsOf(recordOf(upstream.requests.at(-1)?.body)['messages']).filter(({ role }) => role === 'assistant');
}

const TOOLS: OpenAI.Responses.Tool[] = [{ type: 'function', name: 'look', parameters: {}, strict: false }];

/** What a client that keeps nothing else brings back: the summary, and what is sealed. */
function bare(output: readonly object[]): OpenAI.Responses.ResponseInput {
  const items = recordsOf(output).map(({ content: _, status: __, id: ___, ...item }) => item);
  return items as unknown as OpenAI.Responses.ResponseInput;
}

async function firstTurn(): Promise<OpenAI.Responses.ResponseInput> {
  const asked = { model: 'm', input: QUESTION, tools: TOOLS, store: false };
  const { output } = await openaiFor(gateway).responses.create(asked);
  expect(output[0]).toMatchObject({ type: 'reasoning', summary: [], content: [{ text: THOUGHT }] });
  const result = { type: 'function_call_output' as const, call_id: 'call_1', output: 'a tree' };
  return [{ role: 'user', content: QUESTION }, ...bare(output), result];
}

describe('raw thoughts come back to the host that thought them', () => {
  it.each(['whole', 'streamed'])('between the calls of the AI SDK, with nothing stored: %s', async (way) => {
    const asked = {
      model: createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any' })('m'),
      prompt: QUESTION,
      tools: { look: tool({ inputSchema: z.object({}), execute: () => 'a tree' }) },
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store: false, forceReasoning: true } },
    };
    expect(way === 'whole' ? (await generateText(asked)).text : await streamText(asked).text).toBe(ANSWER);
    expect(upstream.requests).toHaveLength(2);
    expect(answersTold()).toMatchObject([{ reasoning_content: THOUGHT, tool_calls: [{ id: 'call_1' }] }]);
  });

  it('from whoever keeps no more than their envelope, and from a chain', async () => {
    const { responses } = openaiFor(gateway);
    const input = await firstTurn();
    await responses.create({ model: 'm', input, tools: TOOLS, store: false });
    expect(answersTold()).toMatchObject([{ reasoning_content: THOUGHT }]);
    const { id } = await responses.create({ model: 'm', input: QUESTION, tools: TOOLS });
    await responses.create({ model: 'm', input: input.slice(-1), tools: TOOLS, previous_response_id: id });
    expect(answersTold()).toMatchObject([{ reasoning_content: THOUGHT }]);
  });

  it('but not to another provider, and not once the user has said more', async () => {
    const { responses } = openaiFor(gateway);
    const input = await firstTurn();
    await responses.create({ model: 'n', input, tools: TOOLS, store: false });
    expect(answersTold()).toEqual([expect.not.objectContaining({ reasoning_content: expect.anything() })]);
    const later = [
      ...input,
      { role: 'assistant' as const, content: ANSWER },
      { role: 'user' as const, content: 'And?' },
    ];
    await responses.create({ model: 'm', input: later, tools: TOOLS, store: false });
    for (const answer of answersTold()) expect(answer).not.toHaveProperty('reasoning_content');
  });
});
