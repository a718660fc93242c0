import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../../../src/languages/chat/client-check.ts';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import { demoAnswer } from '../../../src/providers/demo/answer.ts';
import { createPromptCache } from '../../../src/providers/demo/cache.ts';
import { demoRefusal } from '../../../src/providers/demo/refusal.ts';
import { promptTokens, toTokens } from '../../../src/providers/demo/tokens.ts';

const PLACE = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const WEATHER = { type: 'function', function: { name: 'get_weather', parameters: PLACE } };
const TIME = { type: 'function', function: { name: 'get_time', parameters: PLACE } };
const BOTH = { tools: [WEATHER, TIME] };

function asked(question: string, rest: object = {}): ChatRequest {
  return parseChatRequest({ model: 'demo', messages: [{ role: 'user', content: question }], ...rest });
}

function callsOf(question: string, rest: object): string[] {
  return demoAnswer(asked(question, rest)).calls.map(({ name }) => name);
}

describe('the demo model', () => {
  it('makes tool calls to the functions that the question is about', () => {
    expect(callsOf('The weather in Paris?', BOTH)).toEqual(['get_weather']);
    expect(callsOf('The weather and time in Paris?', BOTH)).toEqual(['get_weather', 'get_time']);
    expect(callsOf('Hello!', BOTH)).toEqual([]);
  });

  it('makes one tool call at a time with parallel_tool_calls: false', () => {
    expect(callsOf('The weather and time in Paris?', { ...BOTH, parallel_tool_calls: false })).toEqual(['get_weather']);
  });

  it('makes no tool call with tool_choice: none, or when the tools have answered', () => {
    expect(callsOf('The weather in Paris?', { ...BOTH, tool_choice: 'none' })).toEqual([]);
    const call = { id: 'c', type: 'function', function: { name: 'get_weather', arguments: '{}' } };
    const messages = [
      { role: 'user', content: 'The weather in Paris?' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'mild' },
      { role: 'tool', tool_call_id: 'c', content: 'dry' },
    ];
    expect(demoAnswer(asked('', { ...BOTH, messages })).text).toBe('The tool answered: mild; dry');
  });

  it('continues from the beginning of an answer (prefill)', () => {
    const whole = demoAnswer(asked('Hello!')).text;
    const goOn = (content: string): string => {
      const messages = [
        { role: 'user', content: 'Hello!' },
        { role: 'assistant', content },
      ];
      return content + demoAnswer(asked('', { messages })).text;
    };
    for (const end of [3, 10, whole.indexOf(' ') + 1, whole.length - 1]) expect(goOn(whole.slice(0, end))).toBe(whole);
    expect(goOn('The capital of France')).toMatch(/^The capital of France is where you began/);
  });

  it.each([
    ['What is my name? Reply with just the name.', 'Your name is Ada.'],
    ["What's my name again?", 'Your name is Ada.'],
    ['What was my favourite colour?', 'Your favourite colour is dark green.'],
  ])('recalls what an earlier turn told: %s', (question, answer) => {
    const messages = [
      { role: 'user', content: 'Hello! My name is Ada. My favourite colour is dark green, by the way.' },
      { role: 'assistant', content: 'My name is Demo.' },
      { role: 'user', content: question },
    ];
    expect(demoAnswer(asked('', { messages })).text).toBe(answer);
  });

  it('does not recall what was not told, or in the question alone', () => {
    expect(demoAnswer(asked('What is my name?')).text).toMatch(/^You said: /);
    expect(demoAnswer(asked('My name is Ada. What is my name?')).text).toMatch(/^You said: /);
  });

  it('sums up what it was told, and recalls it from there', () => {
    const told = [
      { role: 'user', content: 'My name is Ada.' },
      { role: 'assistant', content: 'Hello!' },
    ];
    const task = { role: 'user', content: 'Summarise the conversation so far for yourself.' };
    const summary = demoAnswer(asked('', { messages: [...told, task] })).text;
    expect(summary).toBe('I was told: My name is Ada.');
    const messages = [
      { role: 'developer', content: `Summary of the conversation so far: ${summary}` },
      { role: 'user', content: 'What is my name?' },
    ];
    expect(demoAnswer(asked('', { messages })).text).toBe('Your name is Ada.');
  });

  it('takes a place of two words out of a question', () => {
    const [call] = demoAnswer(asked("What's the weather like in San Francisco?", BOTH)).calls;
    expect(call?.arguments).toBe('{"city":"San Francisco"}');
  });

  it('has reasoning with reasoning_effort', () => {
    expect(demoAnswer(asked('Hello!')).thought).toBe('');
    expect(demoAnswer(asked('Hello!', { reasoning_effort: 'none' })).thought).toBe('');
    expect(demoAnswer(asked('Hello!', { reasoning_effort: 'high' })).thought).not.toBe('');
  });
});

describe('the tokens of the demo model', () => {
  it('make up the whole answer', () => {
    const chat = asked('Übung 🦊 macht   den Donaudampfschifffahrtsgesellschaftskapitän');
    const answer = demoAnswer(chat);
    expect(toTokens(chat, answer).text.join('')).toBe(answer.text);
  });

  it('end at a stop sequence, wherever it is', () => {
    const chat = asked('one two three', { stop: ['hree', 'wo'] });
    expect(toTokens(chat, demoAnswer(chat))).toMatchObject({ finish: 'stop' });
    expect(toTokens(chat, demoAnswer(chat)).text.join('')).toBe('You said: "one t');
  });

  it.each(['max_tokens', 'max_completion_tokens'])('end at %s, reasoning included', (limit) => {
    const chat = asked('Hello!', { [limit]: 3, reasoning_effort: 'low' });
    expect(toTokens(chat, demoAnswer(chat))).toMatchObject({ thought: ['The', ' user', ' wrote'], text: [] });
    expect(toTokens(chat, demoAnswer(chat)).finish).toBe('length');
  });

  it('end in the middle of tool call arguments (finish_reason length)', () => {
    const chat = asked('The weather in Paris?', { ...BOTH, max_tokens: 1 });
    const tokens = toTokens(chat, demoAnswer(chat));
    expect(tokens).toMatchObject({ finish: 'length', calls: [{ name: 'get_weather', pieces: ['{"city":'] }] });
  });
});

describe('an invalid request to the demo model (400)', () => {
  it.each([
    ['names a function that is not declared', { tools: [TIME], tool_choice: WEATHER }, 'tool_choice'],
    ['demands a call without functions', { tool_choice: 'required' }, 'tool_choice'],
    ['wants alternatives without probabilities', { top_logprobs: 2 }, 'top_logprobs'],
    ['is too long', { messages: [{ role: 'user', content: 'x'.repeat(140_000) }] }, 'messages'],
  ])('%s', (_name, rest, param) => {
    const chat = asked('Hello!', rest);
    expect(demoRefusal(chat, promptTokens(chat))).toMatchObject({ param });
  });

  it('is not a valid one', () => {
    expect(demoRefusal(asked('Hello!', BOTH), 10)).toBeNull();
  });
});

describe('the prompt cache of the demo model', () => {
  const long = { role: 'system', content: 'Be kind. '.repeat(400) };

  it('hits for the beginning of a conversation that goes on (cached_tokens)', () => {
    const cache = createPromptCache();
    const first = asked('', { messages: [long, { role: 'user', content: 'Hi' }] });
    const second = asked('', { messages: [...first.messages, { role: 'assistant', content: 'Ho' }] });
    expect(cache.add(first)).toBe(0);
    expect(cache.add(second)).toBe(promptTokens(first));
  });

  it('does not remember short prompts', () => {
    const cache = createPromptCache();
    cache.add(asked('Hello!'));
    expect(cache.add(asked('Hello!'))).toBe(0);
  });
});
