import type { Usage } from '../../protocol/delta.ts';
import type { Carried } from '../../protocol/model-message.ts';
import type { ClientTool } from './client-call-items.ts';
import type { ResponseEcho } from './client-response.ts';
import type { EnvelopeKind } from './words.ts';

/** The tools of a request under the names that its client gave them. */
export interface ClientToolNames {
  /** A name that no table has is the client's own. */
  clientNameOf(name: string): ClientTool;
}

/** What goes into an envelope. */
export interface SealedThought extends Omit<Carried, 'kind'> {
  readonly kind: Exclude<EnvelopeKind, 'summary'>;
  /** The call that it belongs to; null where it stands for itself. */
  readonly callId: string | null;
  /** The name of the provider that gave it. */
  readonly answeredBy: string;
}

/** What was summed up before an answer, and what that took. */
export interface Compaction {
  readonly sealed: string;
  readonly usage: Usage;
}

/** What one response is written from. */
export interface ResponsesWriterOptions {
  /** Ours, `resp_…`. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly echo: ResponseEcho;
  /** Until it is known which one answers: the one that was asked for. */
  readonly model: string;
  readonly provider: string;
  /** False where the whole answer alone is asked for: then no event is built. */
  readonly isStream: boolean;
  /** The request's `include`. */
  readonly includes: ReadonlySet<string>;
  readonly showsObfuscation: boolean;
  readonly toolNames: ClientToolNames;
  /** True where a provider keeps the response and tells of it itself: of what it says, the names alone are ours. */
  readonly isRemote: boolean;
  /**
   * A new id that begins so: `msg`, `rs`, `fc`, `ctc`, `tsc`, `ws`, `ig`, `ci`, `cntr`, `mcp`, `mcpl`, `call`. It ends in 16 random characters or more,
   * which pad events as well: for these it begins with nothing.
   */
  newId(prefix: string): string;
  /** Milliseconds since the epoch. */
  now(): number;
  seal(thought: SealedThought): string;
}
