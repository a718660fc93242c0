import { type Batch, batchOf } from '../../protocol/delta.ts';
import type { GatewayError } from '../../protocol/errors.ts';
import { KEEPALIVE_FRAME, toErrorFrame } from '../../protocol/sse.ts';
import type { AnswerWriter, Identity } from '../face.ts';
import { createCompletion } from './client-completion.ts';
import { toOldWords } from './client-functions.ts';
import { type AnswerIdentity, ChunkStream } from './client-stream.ts';

/** What of a chat's request its answer depends on. */
export interface ChatAnswerOptions {
  readonly isStream: boolean;
  readonly includesUsage: boolean;
  /** Whether a function is called in OpenAI's old words. */
  readonly isInOldWords: boolean;
}

/** A chat's answer: as chunks, or as one completion. */
export function createChatWriter(options: ChatAnswerOptions, { id, created }: Identity): AnswerWriter {
  const identityOf = (model: string): AnswerIdentity => ({ id: `chatcmpl-${id}`, created, model });
  const writer = options.isStream
    ? new ChunkWriter(identityOf, options.includesUsage)
    : new CompletionWriter(identityOf);
  return options.isInOldWords ? inOldWords(writer) : writer;
}

type IdentityOf = (model: string) => AnswerIdentity;

/** Until it is known which model answers, nothing is said. */
class ChunkWriter implements AnswerWriter {
  readonly #identityOf: IdentityOf;
  readonly #includesUsage: boolean;
  #chunks: ChunkStream | null = null;

  constructor(identityOf: IdentityOf, includesUsage: boolean) {
    this.#identityOf = identityOf;
    this.#includesUsage = includesUsage;
  }

  answeredBy(model: string): void {
    this.#chunks = new ChunkStream(this.#identityOf(model), this.#includesUsage);
  }

  push(batch: Batch): string {
    return this.#chunks?.push(batch) ?? '';
  }

  end(): string {
    return this.#chunks?.end() ?? '';
  }

  fail(error: GatewayError): string {
    return toErrorFrame(error.toBody());
  }

  heartbeat(): string {
    return KEEPALIVE_FRAME;
  }

  result(): null {
    return null;
  }
}

class CompletionWriter implements AnswerWriter {
  readonly #identityOf: IdentityOf;
  readonly #completion = createCompletion();
  #model = '';

  constructor(identityOf: IdentityOf) {
    this.#identityOf = identityOf;
  }

  answeredBy(model: string): void {
    this.#model = model;
  }

  push({ deltas }: Batch): string {
    this.#completion.add(deltas);
    return '';
  }

  end(): string {
    return '';
  }

  fail(error: GatewayError): string {
    return toErrorFrame(error.toBody());
  }

  heartbeat(): string {
    return '';
  }

  result(): object {
    return this.#completion.toBody(this.#identityOf(this.#model));
  }
}

function inOldWords(writer: AnswerWriter): AnswerWriter {
  return {
    answeredBy: (model, provider, thoughts) => writer.answeredBy(model, provider, thoughts),
    push: ({ deltas }) => writer.push(batchOf(deltas.map(toOldWords))),
    end: () => writer.end(),
    fail: (error) => writer.fail(error),
    heartbeat: () => writer.heartbeat(),
    result: () => writer.result(),
  };
}
