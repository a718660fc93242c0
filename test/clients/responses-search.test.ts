import { readFileSync } from 'node:fs';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIResponsesModel, Runner, webSearchTool } from '@openai/agents';
import { streamText } from 'ai';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestGateway } from '../support/gateway.ts';
import { runUpstream } from '../support/upstream.ts';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const ANSWER = 'Café Zürich opens at 8°. It closes at 9.';

let gateway: TestGateway;

beforeEach(async () => {
  const body = readFileSync(new URL('../fixtures/gemini/grounding.sse', import.meta.url));
  const upstream = await runUpstream({ headers: { 'content-type': 'text/event-stream' }, body });
  gateway = await runStored(
    `providers: { g: { kind: gemini, base_url: "${upstream.url}/v1beta", api_key: k } }\n` +
      'models: { m: { provider: g, upstream: gemini-3-flash } }\n',
  );
});

describe("Gemini's web search is read as OpenAI's", () => {
  it('by the OpenAI client', async () => {
    const asked = { model: 'm', input: 'When does it open?', tools: [{ type: 'web_search' as const }] };
    const { output, output_text: text } = await openaiFor(gateway).responses.stream(asked).finalResponse();
    expect(text).toBe(ANSWER);
    expect(output.map((item) => [item.type, 'status' in item && item.status])).toEqual([
      ['reasoning', 'completed'],
      ['message', 'completed'],
      ['web_search_call', 'completed'],
    ]);
    const [part] = output.flatMap((item) => (item.type === 'message' ? item.content : []));
    const cited = part?.type === 'output_text' ? part.annotations : [];
    expect(cited[0]).toMatchObject({ type: 'url_citation', url: 'https://one.example/r', title: 'one.example' });
  });

  it('by the AI SDK', async () => {
    const provider = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any' });
    const tools = { web_search: provider.tools.webSearch({}) };
    const result = streamText({ model: provider('m'), prompt: 'When does it open?', tools });
    const types = (await collect(result.fullStream)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['tool-call', 'tool-result', 'source', 'finish']));
    expect(types).not.toContain('error');
    expect(await result.text).toBe(ANSWER);
    expect((await result.sources)[0]).toMatchObject({ sourceType: 'url', url: 'https://one.example/r' });
  });

  it('by LangChain', async () => {
    const configuration = { baseURL: `${gateway.url}/v1` };
    const model = new ChatOpenAI({ model: 'm', apiKey: 'any', useResponsesApi: true, configuration });
    const chunks = await collect(await model.bindTools([{ type: 'web_search' }]).stream('When does it open?'));
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk));
    expect(whole.text).toBe(ANSWER);
    expect(JSON.stringify(whole.content)).toContain('"source":"url_citation","url":"https://one.example/r"');
  });

  it('by the OpenAI Agents SDK', async () => {
    const agent = new Agent({
      name: 'Searcher',
      model: new OpenAIResponsesModel(openaiFor(gateway), 'm'),
      tools: [webSearchTool()],
    });
    const result = await new Runner({ tracingDisabled: true }).run(agent, 'When does it open?', { stream: true });
    await result.completed;
    expect(result.finalOutput).toBe(ANSWER);
    expect(result.newItems.map(({ type }) => type)).toContain('tool_call_item');
  });
});
