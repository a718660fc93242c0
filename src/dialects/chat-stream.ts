import { type ChoiceDelta, type ChunkDelta, choiceDelta, type Delta, type FinishReason } from '../protocol/delta.ts';
import { fail } from '../protocol/failure.ts';
import { isRecord, type JsonRecord, numberOf, parseJson, recordsOf } from '../protocol/json.ts';
import type { NewId } from './chat.ts';
import { readPiece, readUsage, toFinishReason, toLogprobs } from './chat-choice.ts';
import {
  answerFields,
  honestFinish,
  isSonarShaped,
  readChatResponse,
  sourcesOf,
  throwErrorInside,
} from './chat-response.ts';
import { createToolCallTracker, type ToolCallTracker } from './chat-tool-calls.ts';
import { citationAnnotations } from './citations.ts';
import type { StreamReader } from './dialect.ts';
import { createThinkingSplitter } from './thinking.ts';

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
  let lastFields = '';
  let sonar: SonarReader | null = null;

  const read = (event: string): readonly Delta[] => {
    if (event === '[DONE]') {
      isDone = true;
      return [];
    }
    const chunk = parseJson(event);
    if (!isRecord(chunk)) fail('interrupted', `The provider sent an event that is no JSON: ${event.slice(0, 200)}`);
    throwErrorInside(chunk);
    if (sonar === null && isSonarShaped(chunk)) sonar = createSonarReader();
    sonar?.see(chunk);
    const deltas: Delta[] = [];
    for (const choice of recordsOf(chunk['choices'])) readChoice(choice, chunk, deltas);
    readTop(chunk, deltas);
    return deltas;
  };

  const readChoice = (source: JsonRecord, chunk: JsonRecord, deltas: Delta[]): void => {
    const piece = source['delta'];
    if (!isRecord(piece)) {
      // A server that knows no streaming answers with the whole completion.
      if (isRecord(source['message'])) deltas.push(...wholeAnswer(chunk));
      return;
    }
    const index = numberOf(source['index']) ?? 0;
    const choice = choiceAt(index);
    choice.finish = toFinishReason(source['finish_reason']) ?? choice.finish;
    const delta = readDelta(piece, choice);
    const logprobs = toLogprobs(source['logprobs']);
    if (choice.isOpened && logprobs === null && isEmptyDelta(delta)) return;
    choice.isOpened = true;
    deltas.push({ type: 'choice', index, delta, logprobs, finish: null });
  };

  const readDelta = (piece: JsonRecord, choice: OpenChoice): ChunkDelta => {
    const delta = readPiece(piece);
    if (sonar && delta.content) sonar.split(delta);
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

  const wholeAnswer = (body: JsonRecord): readonly Delta[] => {
    isDone = true;
    return readChatResponse(body, newId);
  };

  const readTop = (chunk: JsonRecord, deltas: Delta[]): void => {
    if (isRecord(chunk['usage'])) {
      sawUsage = true;
      deltas.push({ type: 'usage', usage: readUsage(chunk['usage']) });
    }
    // The same on every chunk, mostly: said once, and again only when it changes.
    const fields = `${chunk['service_tier']} ${chunk['system_fingerprint']}`;
    if (fields === lastFields && !chunk['moderation']) return;
    lastFields = fields;
    const { citations: _, search_results: __, ...rest } = answerFields(chunk);
    deltas.push({ type: 'answer', fields: rest });
  };

  const close = (index: number, choice: OpenChoice): ChoiceDelta => {
    const rest = choice.tracker.end();
    const finish = choice.finish ?? impliedFinish(choice);
    const honest = honestFinish(finish, choice.tracker.isTruncated());
    return choiceDelta(index, rest.length > 0 ? { tool_calls: rest } : {}, honest);
  };

  // Seen at OpenRouter (Kimi K2) and in OpenAI's audio streams: usage and [DONE], but no finish reason.
  const impliedFinish = (choice: OpenChoice): FinishReason | null => {
    if (!isDone || !sawUsage) return null;
    return choice.tracker.count > 0 ? 'tool_calls' : 'stop';
  };

  return {
    read,
    end: () => [...(sonar?.end() ?? []), ...[...choices].map(([index, choice]) => close(index, choice))],
    get isDone() {
      return isDone;
    },
  };
}

function isEmptyDelta(delta: ChunkDelta): boolean {
  for (const _ in delta) return false;
  return true;
}

interface SonarReader {
  see(chunk: JsonRecord): void;
  /** Moves `<think>` text of the content to the reasoning. */
  split(delta: ChunkDelta): void;
  end(): readonly Delta[];
}

/** Perplexity's chat shape: every chunk repeats the sources, and markers in the text point at them. */
function createSonarReader(): SonarReader {
  const splitter = createThinkingSplitter();
  let last: JsonRecord = {};
  let text = '';
  const place = (delta: ChunkDelta, piece: { reasoning: string; text: string }): void => {
    if (piece.reasoning) delta.reasoning_content = piece.reasoning;
    if (piece.text) delta.content = piece.text;
    text += piece.text;
  };
  return {
    see(chunk) {
      if (isSonarShaped(chunk)) last = chunk;
    },
    split(delta) {
      const piece = splitter.push(delta.content ?? '');
      delete delta.content;
      place(delta, piece);
    },
    end() {
      const delta: ChunkDelta = {};
      place(delta, splitter.end());
      const annotations = citationAnnotations(text, sourcesOf(last));
      if (annotations.length > 0) delta.annotations = annotations;
      const { citations, search_results } = answerFields(last);
      const fields = { ...(citations ? { citations } : {}), ...(search_results ? { search_results } : {}) };
      return [choiceDelta(0, delta), { type: 'answer', fields }];
    },
  };
}
