import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, type ToolMessage } from '@langchain/core/messages';
import { tool as chainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, tool as agentTool, OpenAIResponsesModel, Runner } from '@openai/agents';
import { generateText, isStepCount, streamText, tool } from 'ai';
import type OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { type GeminiDemo, runGeminiDemo } from '../support/gemini-demo.ts';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const QUESTION = 'What is the weather in Paris?';
const ANSWER = 'The tool answered: 18 degrees in Paris';
const NAME = 'get_weather';
const city = z.object({ city: z.string() });
const forecast = (asked: z.infer<typeof city>): string => `18 degrees in ${asked.city}`;

let gemini: GeminiDemo;
let first: string;
/** Sends every second call to another gateway with a store of its own: what the client does not bring is not known there. */
let alternating: typeof fetch;

beforeEach(async () => {
  gemini = await runGeminiDemo();
  const [one, other] = [await runStored(gemini.config), await runStored(gemini.config)];
  first = one.url;
  let calls = 0;
  alternating = (address, init) => {
    const url = calls++ % 2 === 0 ? one.url : other.url;
    return fetch(String(address instanceof Request ? address.url : address).replace(one.url, url), init);
  };
});

/** The call of the history with its signature, as Gemini got it back. */
function broughtBack(): unknown {
  const parts = recordsOf(gemini.bodies.at(-1)?.['contents']).flatMap(({ parts: all }) => recordsOf(all));
  return parts.find(({ functionCall }) => functionCall !== undefined);
}

function resultOf(
  output: OpenAI.Responses.ResponseOutputItem[],
): OpenAI.Responses.ResponseInputItem.FunctionCallOutput {
  const [id] = output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
  return { type: 'function_call_output', call_id: String(id), output: forecast({ city: 'Paris' }) };
}

const SIGNED = {
  functionCall: { id: 'g10', name: NAME, args: { city: 'Paris' } },
  thoughtSignature: 'signature of g10',
};

describe("Gemini's signature comes back, without anything stored, from", () => {
  it.each(['whole', 'streamed'])('the OpenAI client: %s', async (way) => {
    const client = openaiFor({ url: first }, { fetch: alternating });
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: NAME, parameters: z.toJSONSchema(city), strict: false },
    ];
    const asked = { model: 'm', input: QUESTION, tools, store: false, reasoning: { effort: 'low' as const } };
    const { output } =
      way === 'whole' ? await client.responses.create(asked) : await client.responses.stream(asked).finalResponse();
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    const result = resultOf(output);
    const input = [{ role: 'user', content: QUESTION }, ...output, result] as OpenAI.Responses.ResponseInput;
    expect((await client.responses.create({ ...asked, input })).output_text).toBe(ANSWER);
    expect(broughtBack()).toEqual(SIGNED);
  });

  it.each(['whole', 'streamed'])('the AI SDK: %s', async (way) => {
    const model = createOpenAI({ baseURL: `${first}/v1`, apiKey: 'any', fetch: alternating })('m');
    const asked = {
      model,
      prompt: QUESTION,
      tools: { [NAME]: tool({ inputSchema: city, execute: forecast }) },
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store: false, forceReasoning: true, reasoningEffort: 'low' } },
    };
    expect(way === 'whole' ? (await generateText(asked)).text : await streamText(asked).text).toBe(ANSWER);
    expect(broughtBack()).toEqual(SIGNED);
  });

  it.each(['whole', 'streamed'])('LangChain: %s', async (way) => {
    const configuration = { baseURL: `${first}/v1`, fetch: alternating };
    const weather = chainTool(forecast, { name: NAME, schema: city });
    const reasoning = { effort: 'low' as const };
    const settings = { model: 'm', apiKey: 'any', useResponsesApi: true, zdrEnabled: true, reasoning, configuration };
    const model = new ChatOpenAI(settings).bindTools([weather]);
    const question = new HumanMessage(QUESTION);
    const call =
      way === 'whole'
        ? await model.invoke([question])
        : (await collect(await model.stream([question]))).reduce((sum, chunk) => sum.concat(chunk));
    const results = await Promise.all((call.tool_calls ?? []).map(async (one) => weather.invoke(one)));
    expect((await model.invoke([question, call, ...(results as ToolMessage[])])).text).toBe(ANSWER);
    expect(broughtBack()).toEqual(SIGNED);
  });

  it.each(['whole', 'streamed'])('the OpenAI Agents SDK: %s', async (way) => {
    const agent = new Agent({
      name: 'Forecaster',
      model: new OpenAIResponsesModel(openaiFor({ url: first }, { fetch: alternating }), 'm'),
      modelSettings: { reasoning: { effort: 'low' }, store: false },
      tools: [agentTool({ name: NAME, description: 'The weather', parameters: city, execute: forecast })],
    });
    const runner = new Runner({ tracingDisabled: true });
    if (way === 'whole') expect((await runner.run(agent, QUESTION)).finalOutput).toBe(ANSWER);
    else {
      const result = await runner.run(agent, QUESTION, { stream: true });
      await result.completed;
      expect(result.finalOutput).toBe(ANSWER);
    }
    expect(broughtBack()).toEqual(SIGNED);
  });
});

describe("Gemini's signature is known by what is stored", () => {
  it('over a chain, and by a reference to an item', async () => {
    const client = openaiFor({ url: first });
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: NAME, parameters: z.toJSONSchema(city), strict: false },
    ];
    const asked = { model: 'm', tools };
    const { id, output } = await client.responses.create({ ...asked, input: QUESTION });
    const result = resultOf(output);
    const chained = await client.responses.create({ ...asked, previous_response_id: id, input: [result] });
    expect(chained.output_text).toBe(ANSWER);
    expect(recordOf(broughtBack())['thoughtSignature']).toBe('signature of g10');
    const references = output.map((item) => ({ type: 'item_reference' as const, id: String(item.id) }));
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: QUESTION }, ...references, result];
    expect((await client.responses.create({ ...asked, input })).output_text).toBe(ANSWER);
    expect(broughtBack()).toEqual(SIGNED);
  });
});
