import { createCompletion } from '../../src/languages/chat/client-completion.ts';
import { type AnswerIdentity, ChunkStream } from '../../src/languages/chat/client-stream.ts';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import type { Dialect, ModelFacts } from '../../src/languages/dialect.ts';
import { batchOf, type Delta } from '../../src/protocol/delta.ts';
import { AttemptError, type Failure } from '../../src/protocol/failure.ts';
import { type JsonRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import { EventReader } from '../../src/protocol/sse.ts';
import { Tally } from '../../src/protocol/tally.ts';
import { requestOf } from './asked.ts';

export const IDENTITY: AnswerIdentity = { id: 'chatcmpl-test', created: 1_760_000_000, model: 'test-model' };

export const FACTS: ModelFacts = {
  model: 'test-model',
  upstream: 'upstream-model',
  capabilities: null,
  contextWindow: null,
  maxOutputTokens: null,
  reasoningEfforts: null,
  toolsEndpoint: null,
};

export const CHAT: ChatRequest = { model: 'test-model', messages: [{ role: 'user', content: 'Hello' }] };

/** What became of a provider's answer: SSE text for a stream, a body for a whole answer, or why it is none. */
export interface Replayed {
  /** The emitted stream; null for a whole answer. */
  readonly text: string | null;
  /** All deltas folded into one `chat.completion`. */
  readonly completion: JsonRecord;
  readonly failure: Failure | null;
}

/** A stream's bytes, cut into pieces, on their whole way through dialect and envelope. Usage is asked for. */
export function replayStream(
  dialect: Dialect,
  body: Buffer,
  pieceBytes: number = body.length,
  chat: ChatRequest = CHAT,
): Replayed {
  const reader = dialect.stream(requestOf({ ...chat, stream: true }), FACTS);
  const events = new EventReader();
  const sink = createSink(chat);
  const read = (data: readonly string[]): void => {
    for (const event of data) sink.push(reader.read(event));
  };
  return sink.finish(() => {
    for (let at = 0; at < body.length && !reader.isDone(); at += pieceBytes) {
      read(events.read(body.subarray(at, at + pieceBytes)));
    }
    read(events.end());
    sink.push(reader.end());
  });
}

/** A whole answer on its way through dialect and completion. */
export function replayWhole(dialect: Dialect, body: Buffer, chat: ChatRequest = CHAT): Replayed {
  const request = requestOf(chat);
  const sink = createSink(chat);
  const replayed = sink.finish(() => sink.push(dialect.response(parseJson(body.toString('utf8')), request, FACTS)));
  return { ...replayed, text: null };
}

function createSink(chat: ChatRequest): { push(batch: readonly Delta[]): void; finish(run: () => void): Replayed } {
  const envelope = new ChunkStream(IDENTITY, true);
  const completion = createCompletion();
  const tally = new Tally();
  let text = '';
  return {
    push(batch) {
      tally.add(batch);
      completion.add(batch);
      text += envelope.push(batchOf(batch));
    },
    finish(run) {
      const failure = failureOfRun(run) ?? tally.verdict(requestOf(chat));
      if (failure === null) text += envelope.end();
      return { text, completion: recordOf(completion.toBody(IDENTITY)), failure };
    },
  };
}

function failureOfRun(run: () => void): Failure | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof AttemptError) return error.failure;
    throw error;
  }
}

/** A provider whose configuration says nothing of its own. */
export const SPOKEN_TO = { name: 'up', hasResponses: null, keepsResponses: false };
