import type { Batch } from '../protocol/delta.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Steps } from '../protocol/turns.ts';

/** What is the same on everything of one answer. */
export interface Identity {
  /** Of the call; each language has a prefix of its own for it. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  /** The one that answers. */
  readonly model: string;
}

/** A language that clients speak, by the path that it is spoken at. */
export interface Face {
  readonly path: string;
  /**
   * Reads a body, in steps for a large one.
   * @throws GatewayError 400 for what is no request of this language
   */
  parse(body: unknown): Steps<ClientRequest>;
}

/** A request as its client asked for it. */
export interface ClientRequest {
  readonly request: ModelRequest;
  /** Once it is known which model answers. */
  createWriter(identity: Identity): AnswerWriter;
}

/** Writes one answer in the language of its client, from the deltas of whichever provider gives it. */
export interface AnswerWriter {
  /** The frames of one batch as one string; empty when it holds nothing to show yet, or when nothing is streamed. */
  push(batch: Batch): string;
  /** The frames that close a stream. */
  end(): string;
  /** The frames that end a stream with an error, also before anything was said. */
  fail(error: GatewayError): string;
  /** The whole answer, from all batches so far; null where it is streamed and nothing of it is kept. */
  result(): object | null;
}
