import { batchOf } from '../../protocol/delta.ts';
import { toErrorFrame } from '../../protocol/sse.ts';
import type { AnswerWriter, Identity } from '../face.ts';
import { createCompletion } from './client-completion.ts';
import { toOldWords } from './client-functions.ts';
import { ChunkStream } from './client-stream.ts';

/** What of a chat's request its answer depends on. */
export interface ChatAnswerOptions {
  readonly isStream: boolean;
  readonly includesUsage: boolean;
  /** Whether a function is called in OpenAI's old words. */
  readonly isInOldWords: boolean;
}

/** A chat's answer: as chunks, or as one completion. */
export function createChatWriter(options: ChatAnswerOptions, identity: Identity): AnswerWriter {
  const own = { ...identity, id: `chatcmpl-${identity.id}` };
  const writer = options.isStream ? new ChunkStream(own, options.includesUsage) : createWholeWriter(own);
  return options.isInOldWords ? inOldWords(writer) : writer;
}

function createWholeWriter(identity: Identity): AnswerWriter {
  const completion = createCompletion();
  return {
    push({ deltas }) {
      completion.add(deltas);
      return '';
    },
    end: () => '',
    fail: (error) => toErrorFrame(error.toBody()),
    result: () => completion.toBody(identity),
  };
}

function inOldWords(writer: AnswerWriter): AnswerWriter {
  return {
    push: ({ deltas }) => writer.push(batchOf(deltas.map(toOldWords))),
    end: () => writer.end(),
    fail: (error) => writer.fail(error),
    result: () => writer.result(),
  };
}
