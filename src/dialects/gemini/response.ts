import type { ChatRequest } from '../../protocol/chat.ts';
import type { Delta } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { isRecord, type JsonRecord, numberOf, parseJson, recordsOf, stringOf } from '../../protocol/json.ts';
import type { NewId, StreamReader } from '../dialect.ts';
import { failureInside } from '../failure.ts';
import { type CandidateReader, createCandidateReader } from './candidate.ts';
import { createFunctionNames } from './names.ts';
import type { SignatureStore } from './signature-store.ts';
import { readGeminiUsage, readServiceTier } from './usage.ts';

/** What reading needs from the world. */
export interface GeminiWorld {
  readonly newId: NewId;
  readonly signatures: SignatureStore;
}

/** Reads a whole `generateContent` answer, or the JSON array that a stream without `alt=sse` amounts to. */
export function readGeminiResponse(body: unknown, chat: ChatRequest, world: GeminiWorld): readonly Delta[] {
  const reader = createReader(chat, world);
  return [...reader.readAnswer(body), ...reader.end()];
}

/**
 * Reads a stream of partial answers. Its end is the end of the body: there is no last event, and a finish
 * reason may come in the middle.
 */
export function createGeminiReader(chat: ChatRequest, world: GeminiWorld): StreamReader {
  const reader = createReader(chat, world);
  return {
    read: (event) => (event.trim() === '[DONE]' ? [] : reader.readAnswer(parseEvent(event))),
    end: reader.end,
    isDone: false,
  };
}

function parseEvent(event: string): unknown {
  const value = parseJson(event);
  if (value === undefined) fail('interrupted', `The provider sent an event that is no JSON: ${event.slice(0, 200)}`);
  return value;
}

/** The one reader for streams and whole answers: a whole answer is a stream of one event. */
function createReader(chat: ChatRequest, world: GeminiWorld) {
  const context = { chat, ...world, names: createFunctionNames(chat), callIds: new Set<string>() };
  const candidates = new Map<number, CandidateReader>();
  let lastTier: string | null = null;

  const candidateAt = (index: number): CandidateReader => {
    const candidate = candidates.get(index) ?? createCandidateReader(index, context);
    candidates.set(index, candidate);
    return candidate;
  };

  const readOne = (answer: JsonRecord): Delta[] => {
    if (answer['error']) throw new AttemptError(failureInside(answer));
    const list = recordsOf(answer['candidates']);
    if (list.length === 0) checkFeedback(answer['promptFeedback']);
    // Proto JSON leaves out a zero; where no candidate has a number, the order counts.
    const areNumbered = list.some((candidate) => 'index' in candidate);
    const deltas: Delta[] = list.flatMap((candidate, order) =>
      candidateAt(numberOf(candidate['index']) ?? (areNumbered ? 0 : order)).read(candidate),
    );
    return [...deltas, ...readUsage(answer['usageMetadata'])];
  };

  const checkFeedback = (feedback: unknown): void => {
    const blocked = isRecord(feedback) ? whyBlocked(feedback) : null;
    if (blocked === null) return;
    if (candidates.size === 0) fail('content-policy', blocked.message, { status: 200, code: blocked.code });
    for (const candidate of candidates.values()) candidate.block();
  };

  const readUsage = (value: unknown): Delta[] => {
    const usage = readGeminiUsage(value);
    const tier = readServiceTier(value);
    const isNewTier = tier !== null && tier !== lastTier;
    lastTier = tier ?? lastTier;
    return [
      ...(usage ? [{ type: 'usage' as const, usage }] : []),
      ...(isNewTier ? [{ type: 'answer' as const, fields: { service_tier: tier } }] : []),
    ];
  };

  return {
    readAnswer(value: unknown): Delta[] {
      if (!isRecord(value) && !Array.isArray(value))
        fail('server', 'The provider answered with JSON that is no object.');
      return (Array.isArray(value) ? recordsOf(value) : [value]).flatMap(readOne);
    },
    end: (): Delta[] => [...candidates.values()].map((candidate) => candidate.end()),
  };
}

/** `blockReason` may be missing beside a `blockReasonMessage`. */
function whyBlocked(feedback: JsonRecord): { message: string; code: string | null } | null {
  const code = stringOf(feedback['blockReason']) || null;
  const said = stringOf(feedback['blockReasonMessage']) || null;
  if (code === null && said === null) return null;
  return { message: `Gemini blocked the prompt${code ? ` (${code})` : ''}${said ? `: ${said}` : '.'}`, code };
}
