import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import { beforeEach, describe, expect, it } from 'vitest';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { asking, DEMO_CONFIG, openaiFor, WEATHER_TOOL } from './client.ts';

const TIME_TOOL = {
  type: 'function',
  function: { ...WEATHER_TOOL.function, name: 'get_time', description: 'The time in a city' },
} as const;

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
});

describe('the OpenAI client with tools', () => {
  it('gets a tool call whose arguments are JSON', async () => {
    const answer = await openaiFor(gateway).chat.completions.create({
      model: 'demo',
      messages: asking('What is the weather in Paris?'),
      tools: [WEATHER_TOOL],
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.content).toBeNull();
    expect(choice?.message.tool_calls).toEqual([
      { id: expect.any(String), type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ]);
  });

  it('joins streamed parallel tool calls', async () => {
    const runner = openaiFor(gateway).chat.completions.stream({
      model: 'demo',
      messages: asking('Tell me the weather and the time in Paris.'),
      tools: [WEATHER_TOOL, TIME_TOOL],
    });
    const done: string[] = [];
    runner.on('tool_calls.function.arguments.done', (call) =>
      done.push(`${call.index} ${call.name} ${call.arguments}`),
    );
    const { choices } = await runner.finalChatCompletion();
    expect(done).toEqual(['0 get_weather {"city":"Paris"}', '1 get_time {"city":"Paris"}']);
    expect(new Set(choices[0]?.message.tool_calls?.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ['a function by name', { type: 'function', function: { name: 'get_time' } }, ['get_time']],
    ['any function', 'required', ['get_weather']],
    ['none', 'none', undefined],
    [
      'one of the allowed functions',
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [TIME_TOOL] } },
      ['get_time'],
    ],
  ] as const)('can demand %s by tool_choice', async (_name, choice, names) => {
    const answer = await openaiFor(gateway).chat.completions.create({
      model: 'demo',
      messages: asking('Hello!'),
      tools: [WEATHER_TOOL, TIME_TOOL],
      tool_choice: choice as 'required',
    });
    const calls = answer.choices[0]?.message.tool_calls;
    expect(calls?.map((call) => call.type === 'function' && call.function.name)).toEqual(names);
  });

  it('runs tools until the model answers (runTools)', async () => {
    const cities: string[] = [];
    const runner = openaiFor(gateway).chat.completions.runTools({
      model: 'demo',
      messages: asking('What is the weather in Paris?'),
      tools: [weatherFunction(cities)],
    });
    expect(await runner.finalContent()).toBe('The tool answered: 18 degrees in Paris');
    expect(cities).toEqual(['Paris']);
  });

  it('runs tools until the model answers (runTools), with streams', async () => {
    const cities: string[] = [];
    const runner = openaiFor(gateway).chat.completions.runTools({
      model: 'demo',
      messages: asking('What is the weather in Paris?'),
      tools: [weatherFunction(cities)],
      stream: true,
    });
    let text = '';
    runner.on('content', (delta) => {
      text += delta;
    });
    expect(await runner.finalContent()).toBe('The tool answered: 18 degrees in Paris');
    expect(text).toBe('The tool answered: 18 degrees in Paris');
    expect(cities).toEqual(['Paris']);
  });

  it('makes calls with the deprecated functions and function_call', async () => {
    const answer = await openaiFor(gateway).chat.completions.create({
      model: 'demo',
      messages: asking('What is the weather in Paris?'),
      functions: [WEATHER_TOOL.function],
    });
    expect(answer.choices[0]?.finish_reason).toBe('function_call');
    expect(answer.choices[0]?.message.function_call).toEqual({ name: 'get_weather', arguments: '{"city":"Paris"}' });
  });
});

function weatherFunction(cities: string[]): RunnableToolFunctionWithParse<{ city: string }> {
  return {
    type: 'function',
    function: {
      ...WEATHER_TOOL.function,
      parse: (text) => JSON.parse(text),
      function: ({ city }) => {
        cities.push(city);
        return `18 degrees in ${city}`;
      },
    },
  };
}
