import { type ChoiceDelta, type ChunkDelta, choiceDelta, type Delta, type FinishReason } from '../../protocol/delta.ts';
import { fail } from '../../protocol/failure.ts';
import { countOf, isRecord, type JsonRecord, parseJson, recordOf, recordsOf } from '../../protocol/json.ts';
import type { NewId, StreamReader } from '../dialect.ts';
import { readPiece, readUsage, toFinishReason, toLogprobs } from './choice.ts';
import { honestFinish, plainFields, readChatResponse, throwErrorInside } from './response.ts';
import { createSonarReader, isSonarShaped, type SonarReader } from './sonar.ts';
import { createToolCallTracker, type ToolCallTracker } from './tool-calls.ts';

interface OpenChoice {
  readonly tracker: ToolCallTracker;
  finish: FinishReason | null;
  isOpened: boolean;
}

/** Reads a stream of `chat.completion.chunk`s. One reader reads one stream. */
export function createChatReader(newId: NewId): StreamReader {
  const choices = new Map<number, OpenChoice>();
  let isDone = false;
  let sawUsage = false;
  let sonar: SonarReader | null = null;
  const readFields = createFieldsReader();

  const read = (event: string): readonly Delta[] => {
    if (event.startsWith('[DONE]')) isDone = true;
    if (isDone) return [];
    const chunk = parseJson(event);
    if (!isRecord(chunk)) fail('interrupted', `The provider sent an event that is no JSON: ${event.slice(0, 200)}`);
    const sources = recordsOf(chunk['choices']);
    throwErrorInside(chunk, sources);
    if (choices.size === 0 && sources.some(isWholeAnswer)) {
      isDone = true;
      return readChatResponse(chunk, newId);
    }
    if (sonar === null && isSonarShaped(chunk)) sonar = createSonarReader();
    sonar?.see(chunk);
    const deltas = readFields(chunk);
    for (const source of sources) readChoice(source, deltas);
    if (isRecord(chunk['usage'])) {
      sawUsage = true;
      deltas.push({ type: 'usage', usage: readUsage(chunk['usage']) });
    }
    return deltas;
  };

  const readChoice = (source: JsonRecord, deltas: Delta[]): void => {
    const index = countOf(source['index']);
    const choice = choiceAt(index);
    choice.finish = toFinishReason(source['finish_reason']) ?? choice.finish;
    const delta = readDelta(recordOf(source['delta']), choice);
    const logprobs = toLogprobs(source['logprobs']);
    if (choice.isOpened && logprobs === null && isEmptyDelta(delta)) return;
    choice.isOpened = true;
    deltas.push({ type: 'choice', index, delta, logprobs, finish: null });
  };

  const readDelta = (piece: JsonRecord, choice: OpenChoice): ChunkDelta => {
    const delta = readPiece(piece);
    sonar?.split(delta);
    if (Array.isArray(piece['tool_calls'])) {
      const calls = choice.tracker.read(recordsOf(piece['tool_calls']));
      if (calls.length > 0) delta.tool_calls = calls;
    }
    return delta;
  };

  const choiceAt = (index: number): OpenChoice => {
    let choice = choices.get(index);
    if (choice === undefined) {
      choice = { tracker: createToolCallTracker(newId), finish: null, isOpened: false };
      choices.set(index, choice);
    }
    return choice;
  };

  const close = (index: number, choice: OpenChoice): ChoiceDelta => {
    const finish = choice.finish ?? (isDone && sawUsage ? impliedFinish(choice) : null);
    // What broke off is not made whole.
    const rest = finish === null ? [] : choice.tracker.end();
    const delta = rest.length > 0 ? { tool_calls: rest } : {};
    return choiceDelta(index, delta, honestFinish(finish, choice.tracker.isTruncated()));
  };

  return {
    read,
    end() {
      const sources = choices.size > 0 ? (sonar?.end() ?? []) : [];
      return [...sources, ...[...choices].map(([index, choice]) => close(index, choice))];
    },
    isDone: () => isDone,
  };
}

/** Tier and fingerprint are the same on every chunk, mostly: said once, and again only when they change. */
function createFieldsReader(): (chunk: JsonRecord) => Delta[] {
  let tier: unknown;
  let fingerprint: unknown;
  return (chunk) => {
    const isSame = chunk['service_tier'] === tier && chunk['system_fingerprint'] === fingerprint;
    if (isSame && !chunk['moderation']) return [];
    tier = chunk['service_tier'];
    fingerprint = chunk['system_fingerprint'];
    return [{ type: 'answer', fields: plainFields(chunk) }];
  };
}

/** Seen at OpenRouter (Kimi K2) and in OpenAI's audio streams: usage and [DONE], but no finish reason. */
function impliedFinish(choice: OpenChoice): FinishReason {
  return choice.tracker.count() > 0 ? 'tool_calls' : 'stop';
}

/** A server that knows no streaming answers with the whole completion. (Sonar's chunks have both.) */
function isWholeAnswer(source: JsonRecord): boolean {
  return isRecord(source['message']) && !isRecord(source['delta']);
}

function isEmptyDelta(delta: ChunkDelta): boolean {
  for (const _ in delta) return false;
  return true;
}
