import type { AnswerFields, ChunkDelta, Delta, FinishReason } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { countOf, isRecord, type JsonRecord, numberOf, recordOf, recordsOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';
import { failureInside } from '../failure.ts';
import { readPiece, readUsage, toFinishReason, toLogprobs } from './choice.ts';
import { sourceFields, withSources } from './sonar.ts';
import { createToolCallTracker } from './tool-calls.ts';

/** Reads a whole `chat.completion`. Throws `AttemptError` when it is none, or carries an error. */
export function readChatResponse(body: unknown, newId: NewId): readonly Delta[] {
  if (!isRecord(body)) fail('server', 'The provider answered with JSON that is no object.');
  const choices = recordsOf(body['choices']);
  throwErrorInside(body, choices);
  if (!Array.isArray(body['choices'])) fail('server', "The provider's answer has no choices.");
  const deltas: Delta[] = choices.map((choice, order) => readChoice(choice, order, body, newId));
  deltas.push({ type: 'answer', fields: answerFields(body) });
  if (isRecord(body['usage'])) deltas.push({ type: 'usage', usage: readUsage(body['usage']) });
  return deltas;
}

function readChoice(choice: JsonRecord, order: number, body: JsonRecord, newId: NewId): Delta {
  const message = recordOf(choice['message']);
  const delta = withSources(readPiece(message), body);
  // The text was empty, not absent: clients that read its length are told so.
  if (message['content'] === '') delta.content = '';
  const isTruncated = readCalls(recordsOf(message['tool_calls']), delta, newId);
  const index = numberOf(choice['index']) === null ? order : countOf(choice['index']);
  const finish = lengthIfTruncated(toFinishReason(choice['finish_reason']), isTruncated);
  return { type: 'choice', index, delta, logprobs: toLogprobs(choice['logprobs']), finish };
}

/** True when the arguments of some call are no JSON. */
function readCalls(sources: readonly JsonRecord[], delta: ChunkDelta, newId: NewId): boolean {
  if (sources.length === 0) return false;
  const tracker = createToolCallTracker(newId);
  const calls = tracker.read(sources.map((call, index) => ({ ...call, index })));
  const closing = tracker.end();
  if (calls.length > 0) delta.tool_calls = [...calls, ...closing];
  return tracker.isTruncated();
}

const SERVICE_TIERS = ['auto', 'default', 'flex', 'scale', 'priority', 'fast'];

/** What we pass on of the fields beside the choices. */
function answerFields(body: JsonRecord): AnswerFields {
  return { ...plainFields(body), ...sourceFields(body) };
}

/** The fields without the sources, which a stream tells once, at its end. A tier that OpenAI does not name is left out. */
export function plainFields(body: JsonRecord): AnswerFields {
  const { service_tier: tier, system_fingerprint: fingerprint, moderation } = body;
  return {
    ...(SERVICE_TIERS.includes(tier as string) ? { service_tier: tier as string } : {}),
    ...(typeof fingerprint === 'string' ? { system_fingerprint: fingerprint } : {}),
    ...(isRecord(moderation) ? { moderation } : {}),
  };
}

/**
 * Arguments that are no JSON were cut by the token limit, whatever the provider calls it (OpenRouter: `tool_calls`):
 * no client could run such a call.
 */
export function lengthIfTruncated(finish: FinishReason | null, isTruncated: boolean): FinishReason | null {
  return isTruncated && (finish === 'tool_calls' || finish === 'stop') ? 'length' : finish;
}

/** Finish reasons that tell of an accident: OpenRouter's, vLLM's, DeepSeek's. */
const ACCIDENTS = ['error', 'abort', 'insufficient_system_resource'];

/** An error under HTTP 200: of the body, or of one choice. */
export function throwErrorInside(body: JsonRecord, choices: readonly JsonRecord[]): void {
  if (body['error']) throw new AttemptError(failureInside(body));
  for (const choice of choices) {
    if (choice['error']) throw new AttemptError(failureInside(choice));
    if (ACCIDENTS.includes(choice['finish_reason'] as string)) {
      fail('server', `The provider ended its answer with '${choice['finish_reason']}'.`);
    }
  }
}
