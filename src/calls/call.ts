import type { Key } from '../access/keys.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import type { Usage } from '../protocol/delta.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Plan } from '../routing/plan.ts';

export type Outcome = 'running' | 'completed' | 'failed' | 'cancelled';

/** One client request being served, from accept to last byte. Times in milliseconds since the epoch. */
export interface Call {
  readonly id: string;
  readonly key: Key;
  readonly chat: ChatRequest;
  readonly plan: Plan;
  /** A parameter that a target cannot honour is an error instead of being dropped. */
  readonly isStrict: boolean;
  /** Its body was so large that what is done with it is done in turns of the event loop. */
  readonly isLarge: boolean;
  /** The stream outlives its connection for a while, and can be taken up again. */
  readonly isResumable: boolean;
  /** Deadline of the whole call. */
  readonly totalMs: number;
  readonly controller: AbortController;
  readonly receivedAt: number;
  firstTokenAt: number | null;
  /** How evenly the answer came. */
  readonly pace: Pace;
  /** When it was ended early, from whatever side. */
  abortedAt: number | null;
  endedAt: number | null;
  readonly attempts: Attempt[];
  /** That answers, or was asked last. */
  answering: Attempt | null;
  /** Characters of text, reasoning and arguments so far. */
  spokenChars: number;
  usage: Usage | null;
  finishReason: string | null;
  outcome: Outcome;
  error: GatewayError | null;
}

/** The batches of an answer so far, and the longest wait between two of them: one running figure instead of a list. */
interface Pace {
  batches: number;
  lastAt: number;
  maxGapMs: number;
}

/** What is known of a call when it begins. */
export type NewCall = Pick<
  Call,
  'id' | 'key' | 'chat' | 'plan' | 'isStrict' | 'isLarge' | 'isResumable' | 'totalMs' | 'receivedAt'
>;

/** A call at its beginning, with every field it will ever have. */
export function createCall(start: NewCall): Call {
  return {
    ...start,
    controller: new AbortController(),
    firstTokenAt: null,
    pace: { batches: 0, lastAt: 0, maxGapMs: 0 },
    abortedAt: null,
    endedAt: null,
    attempts: [],
    answering: null,
    spokenChars: 0,
    usage: null,
    finishReason: null,
    outcome: 'running',
    error: null,
  };
}

/** Notes that a batch of the answer has come. */
export function noteBatch(call: Call, at: number): void {
  const { pace } = call;
  if (call.firstTokenAt === null) call.firstTokenAt = at;
  else pace.maxGapMs = Math.max(pace.maxGapMs, at - pace.lastAt);
  pace.lastAt = at;
  pace.batches++;
}

/** Ends a call early, from whatever side; the first reason stays. */
export function abortCall(call: Call, reason: GatewayError, at: number): void {
  call.abortedAt ??= at;
  call.controller.abort(reason);
}
