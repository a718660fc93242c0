import { type AnswerFields, type ChunkDelta, choiceDelta, type Delta, type FinishReason } from '../protocol/delta.ts';
import { AttemptError, fail } from '../protocol/failure.ts';
import { isRecord, type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../protocol/json.ts';
import type { NewId } from './chat.ts';
import { readPiece, readUsage, toFinishReason, toLogprobs } from './chat-choice.ts';
import { createToolCallTracker } from './chat-tool-calls.ts';
import { citationAnnotations } from './citations.ts';
import { failureInside } from './failure.ts';
import { splitThinking } from './thinking.ts';

/** Reads a whole `chat.completion`. Throws `AttemptError` when it is none, or carries an error. */
export function readChatResponse(body: unknown, newId: NewId): readonly Delta[] {
  if (!isRecord(body)) fail('server', 'The provider answered with JSON that is no object.');
  throwErrorInside(body);
  if (!Array.isArray(body['choices'])) fail('server', "The provider's answer has no choices.");
  const deltas: Delta[] = recordsOf(body['choices']).map((choice, order) => readChoice(choice, order, body, newId));
  deltas.push({ type: 'answer', fields: answerFields(body) });
  if (isRecord(body['usage'])) deltas.push({ type: 'usage', usage: readUsage(body['usage']) });
  return deltas;
}

function readChoice(choice: JsonRecord, order: number, body: JsonRecord, newId: NewId): Delta {
  const message = recordOf(choice['message']);
  const delta = withSources(readPiece(message), body);
  const tracker = createToolCallTracker(newId);
  const calls = tracker.read(recordsOf(message['tool_calls']).map((call, index) => ({ ...call, index })));
  const closing = tracker.end();
  if (calls.length > 0) delta.tool_calls = [...calls, ...closing];
  const finish = toFinishReason(choice['finish_reason']);
  const index = numberOf(choice['index']) ?? order;
  const honest = honestFinish(finish, tracker.isTruncated());
  return { ...choiceDelta(index, delta, honest), logprobs: toLogprobs(choice['logprobs']) };
}

/** Sonar-shaped answers: thinking out of the text, `[n]` markers into annotations. */
function withSources(delta: ChunkDelta, body: JsonRecord): ChunkDelta {
  if (!isSonarShaped(body)) return delta;
  const { reasoning, text } = splitThinking(delta.content ?? '');
  const annotations = delta.annotations ?? citationAnnotations(text, sourcesOf(body));
  return {
    ...delta,
    content: text,
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
  };
}

/** Perplexity's chat shape, which third-party hosts still speak: sources beside the choices. */
export function isSonarShaped(body: JsonRecord): boolean {
  return Array.isArray(body['citations']) || Array.isArray(body['search_results']);
}

/** The sources that `[1]`, `[2]` … in the text refer to. */
export function sourcesOf(body: JsonRecord): Map<number, { url: string; title: string }> {
  const results = recordsOf(body['search_results']);
  const titles = new Map(results.map((result) => [stringOf(result['url']), stringOf(result['title']) ?? '']));
  const citations = Array.isArray(body['citations']) ? body['citations'] : results.map((result) => result['url']);
  const urls = citations.filter((url) => typeof url === 'string');
  return new Map(urls.map((url, order) => [order + 1, { url, title: titles.get(url) ?? '' }]));
}

const SERVICE_TIERS = ['auto', 'default', 'flex', 'scale', 'priority', 'fast'];

/** What we pass on of the fields beside the choices. A tier that OpenAI does not name is left out. */
export function answerFields(body: JsonRecord): AnswerFields {
  const { service_tier: tier, system_fingerprint: fingerprint, citations, search_results: results } = body;
  return {
    ...(SERVICE_TIERS.includes(tier as string) ? { service_tier: tier as string } : {}),
    ...(typeof fingerprint === 'string' ? { system_fingerprint: fingerprint } : {}),
    ...(isRecord(body['moderation']) ? { moderation: body['moderation'] } : {}),
    ...(Array.isArray(citations) ? { citations: citations.filter((url) => typeof url === 'string') } : {}),
    ...(Array.isArray(results) ? { search_results: results } : {}),
  };
}

/** OpenRouter calls it `tool_calls` also when the token limit cut the arguments: nobody could run such a call. */
export function honestFinish(finish: FinishReason | null, isTruncated: boolean): FinishReason | null {
  return finish === 'tool_calls' && isTruncated ? 'length' : finish;
}

/** An error under HTTP 200: of the body, or of one choice (OpenRouter's `finish_reason: "error"`). */
export function throwErrorInside(body: JsonRecord): void {
  if (body['error']) throw new AttemptError(failureInside(body));
  for (const choice of recordsOf(body['choices'])) {
    if (choice['error']) throw new AttemptError(failureInside(choice));
    if (choice['finish_reason'] === 'error') fail('server', 'The provider ended its answer with an error.');
  }
}
