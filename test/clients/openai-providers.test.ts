import { readFileSync } from 'node:fs';
import type OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';
import { asking, collect, openaiFor, WEATHER_TOOL } from './client.ts';

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream();
  gateway = await runGateway(`
providers:
  openai: { kind: openai, base_url: "${upstream.url}/v1", api_key: k }
  gemini: { kind: gemini, base_url: "${upstream.url}/v1beta", api_key: k }
  perplexity: { kind: perplexity, base_url: "${upstream.url}/v1", api_key: k }
models:
  o: { provider: openai, upstream: gpt-4o }
  g: { provider: gemini, upstream: gemini-3-flash }
  p: { provider: perplexity, upstream: sonar }
server: { drain: 0ms }
`);
});

function fixture(name: string): UpstreamAnswer {
  const type = name.endsWith('.sse') ? 'text/event-stream' : 'application/json';
  return { headers: { 'content-type': type }, body: readFileSync(new URL(`../fixtures/${name}`, import.meta.url)) };
}

/** As the network likes it: seven bytes at a time. */
function inPieces(name: string): UpstreamAnswer {
  return { ...fixture(name), pieceBytes: 7 };
}

function stream(model: string, rest: object = {}) {
  return openaiFor(gateway).chat.completions.stream({ model, messages: asking('What is the weather?'), ...rest });
}

describe('the OpenAI stream helper reads an answer', () => {
  it('of OpenAI with parallel tool calls', async () => {
    upstream.answer(inPieces('chat/openai-parallel-calls.sse'));
    const answer = await stream('o').finalChatCompletion();
    expect(answer.model).toBe('o');
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [
          { id: 'call_a', function: { name: 'add', arguments: '{"x":1}' } },
          { id: 'call_b', function: { name: 'sub', arguments: '{"y":2}' } },
        ],
      },
    });
  });

  it('of OpenAI with a refusal', async () => {
    upstream.answer(inPieces('chat/openai-refusal.sse'));
    const answer = await stream('o').finalChatCompletion();
    expect(answer.choices[0]?.message.refusal).not.toBe('');
    expect(answer.choices[0]?.message.refusal).toEqual(expect.any(String));
  });

  it('of Gemini with thoughts and tool calls', async () => {
    upstream.answer(inPieces('gemini/calls-in-consecutive-events.sse'));
    const answer = await stream('g', { stream_options: { include_usage: true } }).finalChatCompletion();
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [
          { function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          { function: { name: 'weather', arguments: '{"city":"Bergen"}' } },
        ],
      },
    });
    expect(answer.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 28, total_tokens: 38 });
  });

  it('of Perplexity with citations', async () => {
    upstream.answer(inPieces('responses/perplexity-search.sse'));
    const chunks = await collect(stream('p'));
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta as { annotations?: object[] } | undefined);
    const sources = deltas.flatMap((delta) => delta?.annotations ?? []);
    expect(sources[0]).toMatchObject({ type: 'url_citation', url_citation: { url: 'https://a.example/' } });
    expect(chunks.at(-1)).toHaveProperty('citations');
  });
});

describe('thought signatures of Gemini', () => {
  const answerInTurn = (): void => {
    const answers = [fixture('gemini-whole/tool-call.json'), fixture('gemini-whole/after-tool-result.json')];
    upstream.answer((_request, number) => answers[number - 1] ?? {});
  };
  const sentBack = (): unknown => upstream.requests[1]?.body;
  const expected = {
    contents: [
      { role: 'user' },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: 'c2lnbmF0dXJl' }],
      },
      { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { degrees: 18 } } }] },
    ],
  };

  it('survive the tool loop of a client that keeps unknown fields', async () => {
    answerInTurn();
    const runner = openaiFor(gateway).chat.completions.runTools({
      model: 'g',
      messages: asking('What is the weather in Paris?'),
      tools: [{ ...WEATHER_TOOL, function: { ...WEATHER_TOOL.function, function: () => ({ degrees: 18 }) } }],
    });
    expect(await runner.finalContent()).toBe('It is 18 degrees.');
    expect(sentBack()).toMatchObject(expected);
  });

  it('survive a client that drops every unknown field', async () => {
    answerInTurn();
    const client = openaiFor(gateway);
    const question = { model: 'g', messages: asking('What is the weather in Paris?'), tools: [WEATHER_TOOL] };
    const first = await client.chat.completions.create(question);
    const calls = (first.choices[0]?.message.tool_calls ?? []).map(plainCall);
    const second = await client.chat.completions.create({
      ...question,
      messages: [
        ...question.messages,
        { role: 'assistant', content: null, tool_calls: calls },
        ...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: '{"degrees":18}' })),
      ],
    });
    expect(second.choices[0]?.message.content).toBe('It is 18 degrees.');
    expect(sentBack()).toMatchObject(expected);
  });

  it('survive when the tool call was streamed', async () => {
    const call = readFileSync(new URL('../fixtures/gemini-whole/tool-call.json', import.meta.url), 'utf8');
    const event = `data: ${JSON.stringify(JSON.parse(call))}\n\n`;
    const streamed = { headers: { 'content-type': 'text/event-stream' }, body: event };
    upstream.answer((_request, number) => (number === 1 ? streamed : fixture('gemini-whole/after-tool-result.json')));
    const question = { messages: asking('What is the weather in Paris?'), tools: [WEATHER_TOOL] };
    const first = await stream('g', question).finalChatCompletion();
    const calls = (first.choices[0]?.message.tool_calls ?? []).map(plainCall);
    await openaiFor(gateway).chat.completions.create({
      model: 'g',
      ...question,
      messages: [
        ...question.messages,
        { role: 'assistant', tool_calls: calls },
        ...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: '{"degrees":18}' })),
      ],
    });
    expect(sentBack()).toMatchObject(expected);
  });
});

type Call = OpenAI.Chat.Completions.ChatCompletionMessageToolCall;

/** The call as a client with closed types sends it back. */
function plainCall(call: Call): OpenAI.Chat.Completions.ChatCompletionMessageFunctionToolCall {
  if (call.type !== 'function') throw new Error(`Expected a function call, got ${call.type}.`);
  return { id: call.id, type: 'function', function: { name: call.function.name, arguments: call.function.arguments } };
}
