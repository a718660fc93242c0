import type { Delta } from '../protocol/delta.ts';
import type { Identity } from '../protocol/envelope.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Steps } from '../protocol/turns.ts';

/** A request as its client asked for it; each language adds what its answers depend on. */
export interface ClientRequest {
  readonly request: ModelRequest;
}

/** Writes one answer in the client's language, from the deltas of whichever provider gives it. */
export interface FaceWriter {
  /** The frames of one batch as one string; empty when it holds nothing to show yet, or when nothing is streamed. */
  push(batch: readonly Delta[]): string;
  /** The whole answer, from all batches so far. Pure: it is asked for, and may be stored, before `terminal`. */
  result(): object;
  /** The frames that close a stream. */
  terminal(): string;
  /** The frames that end a stream with an error. */
  fail(error: GatewayError): string;
  /** What keeps an open connection alive without saying anything. */
  heartbeat(): string;
}

/** A language that clients speak: chosen by the path, before anything is known of the client. */
export interface Face<R extends ClientRequest = ClientRequest> {
  /**
   * Reads a body, in steps for a large one.
   * @throws GatewayError 400 for what is no request of this language
   */
  parse(body: unknown): Steps<R>;
  writer(asked: R, identity: Identity): FaceWriter;
  /** The body of an answer that is an error. */
  toErrorBody(error: GatewayError): object;
}
