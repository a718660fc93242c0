import { describe, expect, it } from 'vitest';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { type Api, type Case, loadCases } from '../support/recordings.ts';
import { replayStream, replayWhole } from '../support/replay.ts';
import { checkStream } from '../support/stream-rules.ts';
import { dialectFor } from './replay-dialects.ts';

const API_OF_PROVIDER: Readonly<Record<string, Api>> = {
  openaichat: 'chat',
  'openai-compatible': 'chat',
  perplexity: 'sonar',
  google: 'gemini',
  openai: 'responses',
};

const cases = loadCases()?.filter(({ provider }) => dialectOf(provider) !== null) ?? null;
const { broken = [], glued = [], readable = [], unsayable = [] } = Object.groupBy(cases ?? [], sortOf);

describe.skipIf(cases === null)('answers as the vendors read them (skipped unless CASES_DIR is set)', () => {
  it('finds recorded cases', () => {
    expect(cases).not.toHaveLength(0);
  });

  it.each(readable)('$id reads the same', (given) => {
    const { completion, text, failure } = replay(given);
    expect(failure).toBeNull();
    if (text !== null) checkStream(text, { includeUsage: true });
    const choice = recordOf(recordsOf(completion['choices'])[0]);
    const message = recordOf(choice['message']);
    const { expected } = given;
    expect(message['content'] ?? '').toBe(expected.text);
    expect(message['reasoning_content'] ?? '').toBe(expected.reasoning);
    expect(callsOf(message)).toEqual(clientCalls(given));
    expect(choice['finish_reason']).toBe(expected.finishReason.replace('-', '_'));
    expect(usageOf(completion)).toEqual(expectedUsage(expected.usage));
    // Citations of files have a name and no address: a chat answer has no room for them.
    const urls = expected.sources.filter((source) => URL.canParse(source));
    for (const url of urls) expect(sourcesOf(completion, message)).toContain(url);
  });

  it.each(broken)('$id is broken, for its vendor as for us', (given) => {
    expect(replay(given).failure).not.toBeNull();
  });

  it.each(unsayable)('$id asks its client for what a chat answer has no form for', (given) => {
    expect(replay(given).failure).toMatchObject({ kind: 'invalid-request', param: 'tools' });
  });

  it.each(glued)('$id holds several answers in one body, and the first one is read whole', (given) => {
    const { text, failure } = replay(given);
    expect(failure).toBeNull();
    checkStream(text ?? '', { includeUsage: true });
  });
});

/** The vendor's client ends a broken body with an error; it reads on where a test server had glued answers together. */
function sortOf({ body, expected }: Case): 'broken' | 'glued' | 'readable' | 'unsayable' {
  if (expected.finishReason === 'error') return 'broken';
  if (expected.text === '' && expected.toolCalls.every(({ name }) => name === 'tool_search')) return 'unsayable';
  const beginnings = eventsOf(body).filter(({ type }) => type === 'response.created');
  return beginnings.length > 1 ? 'glued' : 'readable';
}

function dialectOf(provider: string) {
  const api = API_OF_PROVIDER[provider];
  return api ? dialectFor(api) : null;
}

function replay({ provider, stream, body }: Case) {
  const dialect = dialectOf(provider);
  if (dialect === null) throw new Error(`No dialect for ${provider}`);
  return stream ? replayStream(dialect, body) : replayWhole(dialect, body);
}

/** Of Responses, only what the client has to run itself: the steps of OpenAI's own tools are no calls of a chat. */
function clientCalls({ provider, body, expected }: Case): unknown[] {
  if (provider !== 'openai') return [...expected.toolCalls];
  const whole = recordsOf(recordOf(parseJson(body.toString('utf8')))['output']);
  const items = [...whole, ...eventsOf(body).map(({ item }) => recordOf(item))];
  const isClientCall = ({ type }: JsonRecord): boolean => type === 'function_call' || type === 'custom_tool_call';
  const names = new Set(items.filter(isClientCall).map(({ name }) => name));
  return expected.toolCalls.filter(({ name }) => names.has(name));
}

function eventsOf(body: Buffer): readonly JsonRecord[] {
  const lines = body.toString('utf8').split(/\r?\n/);
  return lines.filter((line) => line.startsWith('data:')).map((line) => recordOf(parseJson(line.slice(5))));
}

function callsOf(message: JsonRecord): unknown[] {
  return recordsOf(message['tool_calls']).map((call) => {
    if (call['type'] === 'custom') {
      const { name, input } = recordOf(call['custom']);
      return { name, args: input };
    }
    const body = recordOf(call['function']);
    return { name: body['name'], args: parseJson(String(body['arguments'])) };
  });
}

function usageOf(completion: JsonRecord): unknown {
  const usage = recordOf(completion['usage']);
  const details = recordOf(usage['completion_tokens_details']);
  return { input: usage['prompt_tokens'], output: usage['completion_tokens'], reasoning: details['reasoning_tokens'] };
}

function expectedUsage({ inputTokens, outputTokens }: Case['expected']['usage']): unknown {
  const { total = 0, reasoning = 0 } = outputTokens;
  return { input: inputTokens.total, output: total, reasoning };
}

function sourcesOf(completion: JsonRecord, message: JsonRecord): unknown[] {
  const annotations = recordsOf(message['annotations']).map((entry) => recordOf(entry['url_citation'])['url']);
  const citations = Array.isArray(completion['citations']) ? completion['citations'] : [];
  return [...annotations, ...citations];
}
