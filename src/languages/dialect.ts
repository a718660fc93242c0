import type { IncomingHttpHeaders } from 'node:http';
import type { Delta, ThoughtForm } from '../protocol/delta.ts';
import type { Failure } from '../protocol/failure.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { SignatureStore } from './gemini/signature-store.ts';

/** What translation needs to know of the model that is asked. `null` means unknown: an unlisted model. */
export interface ModelFacts {
  /** The id clients see. */
  readonly model: string;
  /** The provider's own id. */
  readonly upstream: string;
  readonly capabilities: readonly string[] | null;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly reasoningEfforts: readonly string[] | null;
  /** Where the provider takes function tools for this model. */
  readonly toolsEndpoint: 'chat' | 'responses' | null;
}

/** Makes a tool call id for a provider that sent none. */
export type NewId = () => string;

/** What dialects need from outside: made-up ids and the memory of thought signatures. */
export interface DialectDependencies {
  readonly newId: NewId;
  readonly signatures: SignatureStore;
}

/** One request in the provider's language. `path` continues the provider's base URL. */
export interface UpstreamRequest {
  /** POST, unless told otherwise; the others have no body. */
  readonly method?: 'GET' | 'DELETE';
  readonly path: string;
  readonly body: JsonBody;
  /** The body as JSON, where it has been written already. */
  readonly encoded?: Buffer;
  /** Parameters of the client that this model cannot honour. */
  readonly dropped: readonly string[];
  /** Beside those of the provider. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type JsonBody = Readonly<Record<string, unknown>>;

/** A body as the server takes it, and the client's parameters that were left out. */
export interface Adapted {
  readonly body: JsonBody;
  readonly dropped: readonly string[];
}

/** Reads one stream; holds its state. Throws `AttemptError` for a failure told inside the stream. */
export interface StreamReader {
  /** True where the events themselves can be written to clients that speak the provider's language. */
  readonly keepsEvents?: boolean;
  /** @param event the data of one SSE event */
  read(event: string): readonly Delta[];
  /** The body ended: what is left to say, such as a finish reason that only the end can tell. */
  end(): readonly Delta[];
  /**
   * True when every choice that was begun has its finish reason, and the provider is one that says it last: what may
   * still come is usage.
   */
  isFinished(): boolean;
  /** True when the provider said that nothing more will come; the connection may still be open. */
  isDone(): boolean;
}

/** A language that providers speak: four pure functions between it and the words of the house. */
export interface Dialect {
  /** True between a client and a provider of one language: requests go, and answers come, as they were written. */
  readonly isNative?: boolean;
  /** Of thoughts that do not tell their form themselves: left out for summaries. Raw ones come back to who thought them. */
  readonly thoughts?: ThoughtForm;
  /** @throws GatewayError 400 for a request that cannot be said in this language. */
  request(request: ModelRequest, facts: ModelFacts): UpstreamRequest;
  stream(request: ModelRequest, facts: ModelFacts): StreamReader;
  /** A whole answer. Throws `AttemptError` when a 200 carries an error. */
  response(body: unknown, request: ModelRequest, facts: ModelFacts): readonly Delta[];
  /** @param now milliseconds since the epoch */
  failure(status: number, headers: IncomingHttpHeaders, body: string, now: number): Failure;
}
