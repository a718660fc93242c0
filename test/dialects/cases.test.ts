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

describe.skipIf(cases === null)('answers as the vendors read them (skipped unless CASES_DIR is set)', () => {
  it('finds cases', () => {
    expect(cases).not.toHaveLength(0);
  });

  it.each(cases ?? [])('$id reads the same', (given) => {
    const { completion, text, failure } = replay(given);
    expect(failure).toBeNull();
    if (text !== null) checkStream(text, { includeUsage: true });
    const choice = recordOf(recordsOf(completion['choices'])[0]);
    const message = recordOf(choice['message']);
    const { expected } = given;
    expect(message['content'] ?? '').toBe(expected.text);
    expect(message['reasoning_content'] ?? '').toBe(expected.reasoning);
    expect(callsOf(message)).toEqual(expected.toolCalls);
    expect(choice['finish_reason']).toBe(expected.finishReason.replace('-', '_'));
    expect(usageOf(completion)).toEqual(expectedUsage(expected.usage));
    for (const url of expected.sources) expect(sourcesOf(completion, message)).toContain(url);
  });
});

function dialectOf(provider: string) {
  const api = API_OF_PROVIDER[provider];
  return api ? dialectFor(api) : null;
}

function replay({ provider, stream, body }: Case) {
  const dialect = dialectOf(provider);
  if (dialect === null) throw new Error(`No dialect for ${provider}`);
  return stream ? replayStream(dialect, body) : replayWhole(dialect, body);
}

function callsOf(message: JsonRecord): unknown[] {
  return recordsOf(message['tool_calls']).map((call) => {
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
