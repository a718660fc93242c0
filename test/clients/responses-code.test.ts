import { createOpenAI } from '@ai-sdk/openai';
import { Agent, codeInterpreterTool, OpenAIResponsesModel, Runner } from '@openai/agents';
import { streamText } from 'ai';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { geminiAnswer, toEvent } from '../../lab/wire-answers.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import type { TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const CODE = 'print(6 * 7)\n';
const QUESTION = 'What is 6 times 7?';
const ANSWER = 'It is 42.';
const TOOL = { type: 'code_interpreter' as const, container: { type: 'auto' as const } };
const STREAMED = { 'content-type': 'text/event-stream' };

/** As Gemini 3 was recorded: the code is signed, its result follows, then the words. */
const GEMINI = [
  geminiAnswer([{ executableCode: { language: 'PYTHON', code: CODE, id: 'g1' }, thoughtSignature: 'sig' }], null),
  geminiAnswer([{ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n', id: 'g1' } }], null),
  geminiAnswer([{ text: ANSWER }], 9, 'STOP'),
];

const RUN = {
  type: 'sandbox_results',
  call_id: 'call_1',
  container_id: 'box-1',
  language: 'python',
  code: CODE,
  status: 'completed',
  results: [{ stdout: '42\n', stderr: '', exit_code: 0, status: 'completed', duration_ms: 20 }],
};
const MESSAGE = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: ANSWER, annotations: [] }],
};
const WHOLE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'openai/gpt-6-luna',
  output: [RUN, MESSAGE],
  usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
};

/** In the order in which Perplexity was recorded to tell of its searches: a step of its own begins, its result ends it. */
const PERPLEXITY = [
  { type: 'response.created', response: { ...WHOLE, status: 'in_progress', output: [] } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name: 'run_code',
      arguments: '{}',
      status: 'completed',
    },
  },
  { type: 'response.output_item.done', output_index: 0, item: RUN },
  { type: 'response.output_item.added', output_index: 1, item: { ...MESSAGE, content: null, status: 'in_progress' } },
  { type: 'response.output_text.delta', output_index: 1, content_index: 0, item_id: 'msg_1', delta: ANSWER },
  { type: 'response.output_item.done', output_index: 1, item: MESSAGE },
  { type: 'response.completed', response: WHOLE },
];

interface Served {
  readonly gateway: TestGateway;
  readonly upstream: TestUpstream;
}

async function serve(provider: string): Promise<Served> {
  const upstream = await runUpstream();
  const isGemini = provider === 'gemini';
  upstream.answer(({ path, body }) => {
    const isStream = path.includes(':stream') || recordOf(body)['stream'] === true;
    if (isStream) return { headers: STREAMED, body: (isGemini ? GEMINI : PERPLEXITY).map(toEvent).join('') };
    const parts = GEMINI.flatMap((answer) =>
      recordsOf(recordOf(recordsOf(recordOf(answer)['candidates'])[0]?.['content'])['parts']),
    );
    return { body: JSON.stringify(isGemini ? geminiAnswer(parts, 9, 'STOP') : WHOLE) };
  });
  const gateway = await runStored(
    `providers: { p: { kind: ${provider}, base_url: "${upstream.url}/v1", api_key: k } }\n` +
      `models: { m: { provider: p, upstream: ${isGemini ? 'gemini-3-flash' : 'openai/gpt-6-luna'} } }\n`,
  );
  return { gateway, upstream };
}

function codeIn(output: readonly object[]): unknown {
  return recordsOf(output).find(({ type }) => type === 'code_interpreter_call');
}

const PROVIDERS = ['gemini', 'perplexity'];

describe.each(PROVIDERS)('code that %s ran is told as code of OpenAI', (provider) => {
  const told = {
    id: expect.stringMatching(/^ci_/),
    type: 'code_interpreter_call',
    status: 'completed',
    container_id: provider === 'gemini' ? expect.stringMatching(/^cntr_/) : 'box-1',
    code: CODE,
    outputs: [{ type: 'logs', logs: '42\n' }],
  };

  it('to the OpenAI client, whole and streamed', async () => {
    const { gateway, upstream } = await serve(provider);
    const { responses } = openaiFor(gateway);
    const asked = { model: 'm', input: QUESTION, tools: [TOOL], store: false };
    const whole = await responses.create(asked);
    const streamed = await responses.stream(asked).finalResponse();
    for (const { output, output_text: text } of [whole, streamed]) {
      expect(output.map(({ type }) => type)).toEqual(['code_interpreter_call', 'message']);
      expect(codeIn(output)).toEqual(told);
      expect(text).toBe(ANSWER);
    }
    expect(recordOf(upstream.requests[0]?.body)['tools']).toEqual([
      provider === 'gemini' ? { codeExecution: {} } : { type: 'sandbox' },
    ]);
  });

  it('to the AI SDK', async () => {
    const { gateway } = await serve(provider);
    const openai = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any' });
    const tools = { code_interpreter: openai.tools.codeInterpreter({}) };
    const parts = await collect(streamText({ model: openai('m'), prompt: QUESTION, tools }).fullStream);
    const result = parts.find(({ type }) => type === 'tool-result');
    expect(result).toMatchObject({
      toolName: 'code_interpreter',
      output: { outputs: [{ type: 'logs', logs: '42\n' }] },
    });
    const input = parts.find(({ type }) => type === 'tool-call');
    expect(input).toMatchObject({ input: { code: CODE } });
    expect(parts.map(({ type }) => type)).not.toContain('error');
  });

  it('to the OpenAI Agents SDK', async () => {
    const { gateway } = await serve(provider);
    const model = new OpenAIResponsesModel(openaiFor(gateway), 'm');
    const agent = new Agent({ name: 'Reckoner', model, tools: [codeInterpreterTool()] });
    const result = await new Runner({ tracingDisabled: true }).run(agent, QUESTION, { stream: true });
    await result.completed;
    expect(result.finalOutput).toBe(ANSWER);
    expect(result.newItems.map(({ type }) => type)).toContain('tool_call_item');
  });

  it('and is not told to who did not ask for it', async () => {
    const { gateway } = await serve(provider);
    const own = { type: provider === 'gemini' ? 'code_execution' : 'sandbox' } as unknown as OpenAI.Responses.Tool;
    const { output } = await openaiFor(gateway).responses.create({ model: 'm', input: QUESTION, tools: [own] });
    expect(output.map(({ type }) => type)).toEqual(['message']);
  });

  it('and is refused in a container of the client, where it is demanded', async () => {
    const { gateway, upstream } = await serve(provider);
    const { responses } = openaiFor(gateway);
    const tools = [{ type: 'code_interpreter' as const, container: 'cntr_1' }];
    const { response } = await responses.create({ model: 'm', input: QUESTION, tools }).withResponse();
    expect(response.headers.get('x-sluice-dropped-params')).toBe('tools.code_interpreter');
    const demanded = { model: 'm', input: QUESTION, tools, tool_choice: { type: 'code_interpreter' as const } };
    await expect(responses.create(demanded)).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
    const headers = { 'x-sluice-strict': 'true' };
    await expect(responses.create({ model: 'm', input: QUESTION, tools }, { headers })).rejects.toMatchObject({
      status: 400,
      param: 'tools.code_interpreter',
    });
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('code of an earlier turn', () => {
  it('comes back to Gemini with its signature, over a chain', async () => {
    const { gateway, upstream } = await serve('gemini');
    const { responses } = openaiFor(gateway);
    const { id, output } = await responses.create({ model: 'm', input: QUESTION, tools: [TOOL] });
    await responses.create({ model: 'm', input: 'And 7 times 8?', tools: [TOOL], previous_response_id: id });
    const item = recordOf(codeIn(output));
    expect(partsOf(upstream)).toEqual([
      { executableCode: { language: 'PYTHON', code: CODE, id: item['id'] }, thoughtSignature: 'sig' },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n', id: item['id'] } },
      { text: ANSWER },
    ]);
  });

  it('is told in words to others, and to Gemini where nothing is kept', async () => {
    const words = `[code_interpreter_call]\n${CODE}\n\n42\n\n\n`;
    for (const provider of PROVIDERS) {
      const { gateway, upstream } = await serve(provider);
      const { responses } = openaiFor(gateway);
      const asked = { model: 'm', tools: [TOOL], store: false };
      const { output } = await responses.create({ ...asked, input: QUESTION });
      const input = [{ role: 'user', content: QUESTION }, ...output, { role: 'user', content: 'And now?' }];
      await responses.create({ ...asked, input: input as OpenAI.Responses.ResponseInput });
      expect(JSON.stringify(upstream.requests.at(-1)?.body)).toContain(JSON.stringify(words).slice(1, -1));
    }
  });
});

it('chats see the code that Gemini ran in the text, as before', async () => {
  const { gateway } = await serve('gemini');
  const tools = [{ type: 'code_execution' } as unknown as OpenAI.ChatCompletionTool];
  const messages = [{ role: 'user' as const, content: QUESTION }];
  const { choices } = await openaiFor(gateway).chat.completions.create({ model: 'm', messages, tools });
  expect(choices[0]?.message.content).toBe('```python\nprint(6 * 7)\n```\n\n```\n42\n```\n\nIt is 42.');
});

/** What the model said before, as Gemini was told it last. */
function partsOf({ requests }: TestUpstream): JsonRecord[] {
  const contents = recordsOf(recordOf(requests.at(-1)?.body)['contents']);
  return contents.filter(({ role }) => role === 'model').flatMap(({ parts }) => recordsOf(parts));
}
