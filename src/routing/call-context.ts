import type { ModelRequest } from '../protocol/model-request.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptCover } from './attempt-cover.ts';
import type { Plan } from './plan.ts';

/** What the attempts of a call need to know of it, and where they leave their traces. */
export interface CallContext {
  readonly id: string;
  readonly request: ModelRequest;
  readonly plan: Plan;
  readonly isStrict: boolean;
  /** True for a large request: it is translated, written and sent in turns of the event loop. */
  readonly isLarge: boolean;
  readonly controller: AbortController;
  readonly receivedAt: number;
  /** Deadline of the whole call. */
  readonly totalMs: number;
  readonly attempts: Attempt[];
  /** The attempt that answers, or was made last; not always the last of `attempts`: a hedge may lose its race. */
  currentAttempt: Attempt | null;
  /** What is set aside for its attempts; null where nothing limits its key. */
  readonly reservation: AttemptCover | null;
}
