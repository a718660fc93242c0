import type { Batch, ThoughtForm } from '../protocol/delta.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Steps } from '../protocol/turns.ts';

/** Whose answer it is. */
export interface Identity {
  /** Of the call; a language may put a prefix of its own before it. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
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
  createWriter(identity: Identity): AnswerWriter;
}

/** Writes one answer in the language of its client, from the deltas of whichever provider gives it. */
export interface AnswerWriter {
  /**
   * Before the first batch: the model that answers, by the name that clients know, its provider, and the form of its
   * thoughts where they do not tell it themselves.
   */
  answeredBy(model: string, provider: string, thoughts: ThoughtForm): void;
  /** The frames of one batch as one string; empty when it holds nothing to show yet, or when nothing is streamed. */
  push(batch: Batch): string;
  /** The frames that close a stream. */
  end(): string;
  /** The frames that end a stream with an error, also before anything was said. */
  fail(error: GatewayError): string;
  /** The frames that keep an open connection alive, also before anything was said. */
  heartbeat(): string;
  /** The whole answer, from all batches so far; null where it is streamed and nothing of it is kept. */
  result(): object | null;
}
