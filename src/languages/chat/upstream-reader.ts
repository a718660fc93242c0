import { type ChoiceDelta, type ChunkDelta, choiceDelta, type Delta, type FinishReason } from '../../protocol/delta.ts';
import { fail } from '../../protocol/failure.ts';
import { countOf, isRecord, type JsonRecord, parseJson, recordOf, recordsOf } from '../../protocol/json.ts';
import type { NewId, StreamReader } from '../dialect.ts';
import { readPiece, readUsage, toFinishReason, toLogprobs } from './choice.ts';
import { createSonarReader, isSonarShaped, type SonarReader } from './sonar.ts';
import { createToolCallTracker, type ToolCallTracker } from './tool-calls.ts';
import { lengthIfTruncated, plainFields, readChatResponse, throwErrorInside } from './upstream-answer.ts';

interface OpenChoice {
  readonly index: number;
  readonly tracker: ToolCallTracker;
  finish: FinishReason | null;
  isOpened: boolean;
}

/** Reads a stream of `chat.completion.chunk`s. One reader reads one stream. */
export class ChatReader implements StreamReader {
  readonly #newId: NewId;
  readonly #choices = new Map<number, OpenChoice>();
  #latest: OpenChoice | null = null;
  #isDone = false;
  #sawUsage = false;
  #sonar: SonarReader | null = null;
  #tier: unknown;
  #fingerprint: unknown;

  constructor(newId: NewId) {
    this.#newId = newId;
  }

  read(event: string): readonly Delta[] {
    if (event.startsWith('[DONE]')) this.#isDone = true;
    if (this.#isDone) return [];
    const chunk = parseJson(event);
    if (!isRecord(chunk)) fail('interrupted', `The provider sent an event that is no JSON: ${event.slice(0, 200)}`);
    const sources = recordsOf(chunk['choices']);
    throwErrorInside(chunk, sources);
    if (this.#latest === null && sources.some(isWholeAnswer)) {
      this.#isDone = true;
      return readChatResponse(chunk, this.#newId);
    }
    if (this.#sonar === null && isSonarShaped(chunk)) this.#sonar = createSonarReader();
    this.#sonar?.add(chunk);
    const deltas = this.#readFields(chunk);
    for (const source of sources) this.#readChoice(source, deltas);
    if (isRecord(chunk['usage'])) {
      this.#sawUsage = true;
      deltas.push({ type: 'usage', usage: readUsage(chunk['usage']) });
    }
    return deltas;
  }

  end(): readonly Delta[] {
    const choices = [...this.#choices.values()];
    const sources = choices.length > 0 ? (this.#sonar?.end() ?? []) : [];
    return [...sources, ...choices.map((choice) => this.#close(choice))];
  }

  isFinished(): boolean {
    // Asked once per read: mostly the latest choice has none yet.
    if (this.#latest === null || this.#latest.finish === null) return false;
    for (const { finish } of this.#choices.values()) if (finish === null) return false;
    return true;
  }

  isDone(): boolean {
    return this.#isDone;
  }

  /** Tier and fingerprint are the same on every chunk, mostly: said once, and again only when they change. */
  #readFields(chunk: JsonRecord): Delta[] {
    const { service_tier: tier, system_fingerprint: fingerprint } = chunk;
    if (tier === this.#tier && fingerprint === this.#fingerprint && !chunk['moderation']) return [];
    this.#tier = tier;
    this.#fingerprint = fingerprint;
    return [{ type: 'answer', fields: plainFields(chunk) }];
  }

  #readChoice(source: JsonRecord, deltas: Delta[]): void {
    const choice = this.#choiceAt(countOf(source['index']));
    choice.finish = toFinishReason(source['finish_reason']) ?? choice.finish;
    const delta = this.#readDelta(recordOf(source['delta']), choice);
    const logprobs = toLogprobs(source['logprobs']);
    if (choice.isOpened && logprobs === null && isEmptyDelta(delta)) return;
    choice.isOpened = true;
    deltas.push({ type: 'choice', index: choice.index, delta, logprobs, finish: null });
  }

  #readDelta(piece: JsonRecord, choice: OpenChoice): ChunkDelta {
    const delta = readPiece(piece);
    this.#sonar?.split(delta);
    if (Array.isArray(piece['tool_calls'])) {
      const calls = choice.tracker.read(recordsOf(piece['tool_calls']));
      if (calls.length > 0) delta.tool_calls = calls;
    }
    return delta;
  }

  #choiceAt(index: number): OpenChoice {
    // Mostly there is only one.
    if (this.#latest?.index === index) return this.#latest;
    const choice = this.#choices.get(index) ?? {
      index,
      tracker: createToolCallTracker(this.#newId),
      finish: null,
      isOpened: false,
    };
    this.#choices.set(index, choice);
    this.#latest = choice;
    return choice;
  }

  #close(choice: OpenChoice): ChoiceDelta {
    const finish = choice.finish ?? (this.#isDone && this.#sawUsage ? impliedFinish(choice) : null);
    // What broke off is not made whole.
    const rest = finish === null ? [] : choice.tracker.end();
    const delta = rest.length > 0 ? { tool_calls: rest } : {};
    return choiceDelta(choice.index, delta, lengthIfTruncated(finish, choice.tracker.isTruncated()));
  }
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
