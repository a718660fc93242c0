import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/protocol/failure-kinds.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { type Replayed, replayStream } from '../../support/replay.ts';
import { checkStream } from '../../support/stream-rules.ts';
import { dialectFor } from '../replay-dialects.ts';

const FOLDER = new URL('../../fixtures/chat/', import.meta.url);

function replay(name: string, pieceBytes?: number): Replayed {
  const dialect = dialectFor('chat');
  if (dialect === null) throw new Error('No chat dialect.');
  return replayStream(dialect, readFileSync(new URL(`${name}.sse`, FOLDER)), pieceBytes);
}

/** The emitted stream, checked, and the message of its folded twin. */
function read(name: string) {
  const replayed = replay(name);
  expect(replayed.failure).toBeNull();
  const { choices, usage } = checkStream(replayed.text ?? '', { includeUsage: true });
  const [choice] = choices;
  if (choice === undefined) throw new Error(`${name} has no choice.`);
  const message: JsonRecord = recordOf(recordsOf(replayed.completion['choices'])[0]?.['message']);
  return { ...choice, choices, usage, message, text: choice.text, completion: replayed.completion };
}

function callsOf(name: string) {
  return read(name).toolCalls.map((call) => [call.id, call.name, call.arguments]);
}

describe('a stream of the chat dialect (SSE)', () => {
  it.each(readdirSync(FOLDER).map((file) => file.slice(0, -'.sse'.length)))(
    '%s reads the same however it is cut',
    (name) => {
      const whole = replay(name);
      for (const pieceBytes of [1, 2, 3, 7, 64]) expect(replay(name, pieceBytes)).toEqual(whole);
    },
  );
});

describe('a chat stream of OpenAI', () => {
  it('has parallel tool calls one after another', () => {
    expect(callsOf('openai-parallel-calls')).toEqual([
      ['call_a', 'add', '{"x":1}'],
      ['call_b', 'sub', '{"y":2}'],
    ]);
  });

  it('has role and first tool call together', () => {
    expect(callsOf('openai-role-with-call')).toEqual([['call_a', 'add', '{"x":1}']]);
    expect(read('openai-role-with-call').message['content']).toBeNull();
  });

  it('has moderation after usage, service_tier and system_fingerprint with every chunk', () => {
    const { completion, usage } = read('openai-usage-then-moderation');
    expect(usage).toMatchObject({ total_tokens: 12 });
    expect(completion).toMatchObject({ service_tier: 'default', system_fingerprint: 'fp_1' });
    expect(completion['moderation']).toBeDefined();
    expect(replay('openai-usage-then-moderation').text).not.toContain('obfuscation');
  });

  it('has audio without a finish_reason, and a chunk without choices', () => {
    const { finish, message } = read('openai-audio');
    expect(finish).toBe('stop');
    expect(message['audio']).toEqual({ id: 'audio_1', data: 'AAAA', transcript: 'Hello', expires_at: 1760003600 });
  });

  it('of Azure has a first chunk about the prompt', () => {
    expect(read('azure-prompt-filter')).toMatchObject({ text: 'Hi', finish: 'stop' });
  });

  it('interleaves choices', () => {
    const { choices } = read('openai-two-choices');
    expect(choices.map(({ text, finish }) => [text, finish])).toEqual([
      ['Aa', 'length'],
      ['B', 'stop'],
    ]);
  });

  it('has a refusal in pieces', () => {
    expect(read('openai-refusal').message).toMatchObject({ content: null, refusal: 'I cannot.' });
  });
});

describe('a chat stream of OpenRouter', () => {
  it('repeats role and finish_reason, has a cost and comments', () => {
    const { text, finish, usage } = read('openrouter-finish-twice');
    expect([text, finish, usage?.['cost']]).toEqual(['Hello', 'stop', 2.475e-5]);
  });

  it('lacks the finish_reason, but has usage and [DONE]', () => {
    expect(read('openrouter-no-finish-reason').finish).toBe('tool_calls');
  });

  it('repeats id, type and name of a tool call', () => {
    expect(callsOf('openrouter-repeated-call-fields')).toEqual([['0', 'f', '{"a":1}']]);
  });

  it('has no arguments for a function without parameters', () => {
    expect(callsOf('openrouter-call-without-arguments')).toEqual([['toolu_1', 'now', '{}']]);
  });

  it('has finish_reason tool_calls when max_tokens cut the arguments', () => {
    expect(read('openrouter-truncated-call').finish).toBe('length');
  });

  it('has reasoning as text and as reasoning_details to be merged', () => {
    const { reasoning, text, message, usage } = read('openrouter-reasoning');
    expect([reasoning, text]).toEqual(['Let me', 'Hi']);
    const detail = {
      type: 'reasoning.text',
      index: 0,
      format: 'anthropic-claude-v1',
      text: 'Let me',
      signature: 'c2ln',
    };
    expect(message['reasoning_details']).toEqual([detail]);
    expect(usage).toMatchObject({ completion_tokens: 7, completion_tokens_details: { reasoning_tokens: 11 } });
  });

  it('has annotations without indexes, and of unknown kinds', () => {
    const citation = { start_index: 0, end_index: 0, url: 'https://a.example', title: 'A', content: 'quote' };
    const annotations = [{ type: 'url_citation', url_citation: citation }];
    expect(read('openrouter-annotations').message['annotations']).toEqual(annotations);
  });
});

describe('a chat stream of other servers', () => {
  it('has index 0 for every tool call', () => {
    expect(callsOf('other-calls-all-at-index-0')).toEqual([
      ['c1', 'f', '{"a":1}'],
      ['c2', 'g', '{"b":2}'],
    ]);
  });

  it('has tool calls without index and id, and arguments as an object', () => {
    expect(callsOf('other-calls-without-index-or-id')).toEqual([
      ['call_1', 'f', '{"a":1}'],
      ['call_2', 'g', '{"b":2}'],
    ]);
  });

  it('has the id of a tool call first, the name later, and an index from anywhere', () => {
    expect(callsOf('other-name-after-id')).toEqual([['c9', 'f', '{"a":1}']]);
  });

  it('finishes without a delta and with an unknown finish_reason', () => {
    expect(read('other-stop-without-delta')).toMatchObject({ text: 'Hi', finish: 'stop' });
  });

  it('has one whole completion as an SSE event', () => {
    expect(read('other-whole-answers-as-event').choices.map(({ text }) => text)).toEqual(['A', 'B']);
  });
});

describe('a chat stream of Sonar (Perplexity)', () => {
  it('repeats everything in every chunk and marks its citations in the text', () => {
    const { text, message, completion, usage } = read('sonar-citations');
    expect(text).toBe('Rain[1] and[2] 2024: [2024][9].');
    expect(message['annotations']).toEqual([
      { type: 'url_citation', url_citation: { start_index: 4, end_index: 7, url: 'https://a.example', title: 'A' } },
      { type: 'url_citation', url_citation: { start_index: 11, end_index: 14, url: 'https://b.example', title: 'B' } },
    ]);
    expect(completion['citations']).toEqual(['https://a.example', 'https://b.example']);
    expect(recordsOf(completion['search_results'])).toHaveLength(2);
    expect(usage).toMatchObject({ completion_tokens: 5, cost: 0.006 });
  });

  it('has reasoning in the text, with think tags cut over deltas', () => {
    expect(read('sonar-thinking')).toMatchObject({ reasoning: 'Hm <b> 1 < 2.\n', text: '{"a":1}' });
  });

  it('never ends its reasoning when max_tokens cuts it', () => {
    expect(read('sonar-thinking-cut')).toMatchObject({ reasoning: 'It is </thin', text: '', finish: 'length' });
  });

  it('begins a text like a think tag', () => {
    expect(read('sonar-no-thinking')).toMatchObject({ reasoning: '', text: '<this> is text' });
  });
});

describe('an error inside a chat stream', () => {
  const FAILURES: readonly (readonly [string, FailureKind])[] = [
    ['openai-error-in-mid-stream', 'invalid-request'],
    ['openrouter-error-only', 'invalid-request'],
    ['openrouter-error-after-finish', 'invalid-request'],
    ['openrouter-error-finish', 'server'],
    ['other-out-of-resources', 'server'],
    ['other-cut-off', 'interrupted'],
    ['other-unfinished-event', 'interrupted'],
    ['other-done-without-finish', 'interrupted'],
  ];

  it.each(FAILURES)('%s is found and becomes the failure %s', (name, kind) => {
    expect(replay(name).failure).toMatchObject({ kind });
  });
});

describe('after its last event', () => {
  it('a chat stream yields nothing more, not even half an event', () => {
    const stream = replay('openai-role-with-call');
    const body = readFileSync(new URL('openai-role-with-call.sse', FOLDER));
    const rest = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"late"}}]}\n\ndata: {"cho');
    expect(replayStream(dialectFor('chat'), Buffer.concat([body, rest]))).toEqual(stream);
  });
});
