import type { Delta } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import {
  countOf,
  isRecord,
  type JsonRecord,
  numberOf,
  parseJson,
  recordOf,
  recordsOf,
  stringOf,
} from '../../protocol/json.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { DialectDependencies, StreamReader } from '../dialect.ts';
import { failureInside } from '../failure.ts';
import { type AnswerContext, CandidateReader } from './candidate.ts';
import { createFunctionNames } from './names.ts';
import { readGeminiUsage, readServiceTier } from './usage.ts';

/** Reads a whole `generateContent` answer, or the JSON array that a stream without `alt=sse` amounts to. */
export function readGeminiResponse(
  body: unknown,
  request: ModelRequest,
  dependencies: DialectDependencies,
): readonly Delta[] {
  const reader = new GeminiReader(request, dependencies);
  const said = reader.readAnswer(body);
  try {
    return [...said, ...reader.end()];
  } catch (error) {
    const counted = said.findLast((delta) => delta.type === 'usage');
    throw error instanceof AttemptError && counted ? new AttemptError(error.failure, error, counted.usage) : error;
  }
}

/**
 * Reads a stream of partial answers; a whole answer is a stream of one event. Its end is the end of the body: there is
 * no last event, and a finish reason may come in the middle.
 */
export class GeminiReader implements StreamReader {
  readonly #context: AnswerContext;
  readonly #candidates = new Map<number, CandidateReader>();
  #latest: CandidateReader | null = null;
  #lastTier: string | null = null;
  #searches = 0;

  constructor(request: ModelRequest, dependencies: DialectDependencies) {
    this.#context = { request, ...dependencies, names: createFunctionNames(request), callIds: new Set() };
  }

  read(event: string): readonly Delta[] {
    return event.startsWith('[DONE]') ? [] : this.readAnswer(parseEvent(event));
  }

  end(): Delta[] {
    return [...this.#candidates.values()].map((candidate) => candidate.end());
  }

  isFinished(): boolean {
    // Asked once per read: mostly the latest candidate goes on.
    if (this.#latest === null || !this.#latest.isFinished()) return false;
    for (const candidate of this.#candidates.values()) if (!candidate.isFinished()) return false;
    return true;
  }

  isDone(): boolean {
    return false;
  }

  /** @param value an event as JSON, or a whole answer */
  readAnswer(value: unknown): Delta[] {
    const deltas: Delta[] = [];
    if (isRecord(value)) this.#readOne(value, deltas);
    else if (Array.isArray(value)) for (const answer of recordsOf(value)) this.#readOne(answer, deltas);
    else fail('server', 'The provider answered with JSON that is no object.');
    return deltas;
  }

  #readOne(answer: JsonRecord, deltas: Delta[]): void {
    if (answer['error']) throw new AttemptError(failureInside(answer));
    const list = recordsOf(answer['candidates']);
    if (list.length === 0) this.#checkFeedback(answer['promptFeedback']);
    // Proto JSON leaves out a zero; where no candidate has a number, the order counts.
    const areNumbered = list.some(({ index }) => numberOf(index) !== null);
    let order = 0;
    for (const candidate of list)
      this.#candidateAt(areNumbered ? countOf(candidate['index']) : order++).read(candidate, deltas);
    this.#searches = Math.max(this.#searches, searchesIn(list));
    this.#readUsage(answer['usageMetadata'], deltas);
  }

  #candidateAt(index: number): CandidateReader {
    // Mostly there is only one.
    if (this.#latest?.index === index) return this.#latest;
    this.#latest = this.#candidates.get(index) ?? new CandidateReader(index, this.#context);
    this.#candidates.set(index, this.#latest);
    return this.#latest;
  }

  #checkFeedback(feedback: unknown): void {
    const blocked = isRecord(feedback) ? whyBlocked(feedback) : null;
    if (blocked === null) return;
    if (this.#candidates.size === 0) fail('content-policy', blocked.message, { status: 200, code: blocked.code });
    for (const candidate of this.#candidates.values()) candidate.block();
  }

  #readUsage(value: unknown, deltas: Delta[]): void {
    const usage = readGeminiUsage(value, this.#searches);
    if (usage) deltas.push({ type: 'usage', usage });
    const tier = readServiceTier(value);
    if (tier === null || tier === this.#lastTier) return;
    this.#lastTier = tier;
    deltas.push({ type: 'answer', fields: { service_tier: tier } });
  }
}

function parseEvent(event: string): unknown {
  const value = parseJson(event);
  if (value === undefined) fail('interrupted', `The provider sent an event that is no JSON: ${event.slice(0, 200)}`);
  return value;
}

/** The queries of Google Search that an answer rests on. */
function searchesIn(candidates: readonly JsonRecord[]): number {
  let searches = 0;
  for (const { groundingMetadata } of candidates) {
    const queries = recordOf(groundingMetadata)['webSearchQueries'];
    if (Array.isArray(queries)) searches += queries.length;
  }
  return searches;
}

/** `blockReason` may be missing beside a `blockReasonMessage`. */
function whyBlocked(feedback: JsonRecord): { message: string; code: string | null } | null {
  const code = stringOf(feedback['blockReason']) || null;
  const said = stringOf(feedback['blockReasonMessage']) || null;
  if (code === null && said === null) return null;
  return { message: `Gemini blocked the prompt${code ? ` (${code})` : ''}${said ? `: ${said}` : '.'}`, code };
}
