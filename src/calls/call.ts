import type { Key } from '../access/keys.ts';
import type { AnswerWriter, ClientRequest } from '../languages/face.ts';
import type { Booking } from '../limits/spend.ts';
import type { Usage } from '../protocol/delta.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { TokenEstimate } from '../protocol/estimate.ts';
import type { Labels } from '../protocol/labels.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Plan } from '../routing/plan.ts';
import type { AnswerKeeper } from './keeper.ts';
import type { PassedCost } from './passed-cost.ts';
import type { AnswerReserved, PassedReserved } from './reserved.ts';

export type Outcome = 'running' | 'completed' | 'failed' | 'cancelled';

/** One client request being served, from accept to last byte. */
export type Call = TranslatedCall | PassedCall;

/** What every call has, whatever was asked. Times in milliseconds since the epoch. */
interface AnyCall {
  readonly id: string;
  /** The client's own name for it, where that is not its id. */
  readonly alias: string | null;
  readonly key: Key;
  /** The path of the client's language, or the first part of a path that is passed through: never an id, so that they stay few. */
  readonly path: string;
  /** As the client wrote it; empty where it named none. */
  readonly requestedModel: string;
  /** The rule or the strategy that chose: what `x-sluice-route` says. */
  route: string;
  readonly isStream: boolean;
  /** The stream outlives its connection for a while, and can be taken up again. */
  readonly isResumable: boolean;
  /** Deadline of the whole call. */
  readonly totalMs: number;
  readonly controller: AbortController;
  readonly receivedAt: number;
  /** Of a passed call: when its answer began. */
  firstTokenAt: number | null;
  /** How evenly the answer came. */
  readonly pace: Pace;
  /** When it was ended early, from whatever side. */
  abortedAt: number | null;
  endedAt: number | null;
  readonly attempts: Attempt[];
  /** The attempt that answers, or was made last. */
  currentAttempt: Attempt | null;
  /** The tokens of text, reasoning and arguments so far, estimated. */
  readonly spoken: TokenEstimate;
  usage: Usage | null;
  finishReason: string | null;
  outcome: Outcome;
  /** HTTP status of the answer, where there is no error. */
  status: number;
  error: GatewayError | null;
  /** Bytes of the bodies as they passed; null where they are not counted. */
  requestBytes: number | null;
  responseBytes: number | null;
  /** What its settlement adds to the sums of what was spent; null where it had no reservation. */
  booking: Booking | null;
}

/** A call that is translated. */
export interface TranslatedCall extends AnyCall {
  readonly kind: 'translated';
  /** What was asked, in the words of the house; with its plan it may change until it is prepared. */
  request: ModelRequest;
  /** Writes the answer in the words of the client. */
  readonly writer: AnswerWriter;
  /** Where the answer is kept; null where its language keeps none. */
  readonly keeper: AnswerKeeper | null;
  plan: Plan;
  /** What has to be done before the model can be asked; null for nothing, as of every chat. */
  readonly prepare: Preparation | null;
  /** It is made for another call of the same request, which waits for it. */
  readonly isPart: boolean;
  /** A parameter that a target cannot honour is an error instead of being dropped. */
  readonly isStrict: boolean;
  /** Its body was so large that what is done with it is done in turns of the event loop. */
  readonly isLarge: boolean;
  /** What it has set aside; null where nothing limits its key. */
  reservation: AnswerReserved | null;
}

/**
 * Work that is a part of the call, before its first attempt.
 * @param signal of the call
 * @param tell takes frames for the client; empty ones are none
 * @returns what is asked then, and of whom
 */
export type Preparation = (
  signal: AbortSignal,
  tell: (frames: string) => void,
) => Promise<{ readonly request: ModelRequest; readonly plan: Plan }>;

/** A call that passes through to its provider as it came. */
export interface PassedCall extends AnyCall {
  readonly kind: 'passed';
  /** What its body says for the books; of a translated call they are in its request. */
  readonly labels: Labels;
  /** What it tells of its cost; null where nothing limits its key, and it is not looked at. */
  readonly cost: PassedCost | null;
  /** What it has set aside; null where nothing limits its key. */
  reservation: PassedReserved | null;
}

/** The batches of an answer so far, and the longest wait between two of them: one running figure instead of a list. */
interface Pace {
  batches: number;
  lastAt: number;
  maxGapMs: number;
}

/** What is known of any call when it begins. */
type Beginning = Pick<AnyCall, 'id' | 'key' | 'totalMs' | 'receivedAt'>;

/** What is known of a translated call when it begins. */
export interface NewTranslatedCall
  extends Beginning,
    Pick<TranslatedCall, 'path' | 'plan' | 'isStrict' | 'isLarge' | 'isResumable'> {
  readonly asked: ClientRequest;
  readonly keeper?: AnswerKeeper | null;
  readonly prepare?: Preparation | null;
  readonly isPart?: boolean;
  readonly alias?: string | null;
}

/** What is known of a passed call when it begins. */
export type NewPassedCall = Beginning & Pick<PassedCall, 'path' | 'requestedModel' | 'labels' | 'cost'>;

/** A translated call at its beginning, with every field it will ever have. */
export function createTranslatedCall({
  id,
  key,
  path,
  asked,
  keeper = null,
  prepare = null,
  isPart = false,
  alias = null,
  plan,
  isStrict,
  isLarge,
  isResumable,
  totalMs,
  receivedAt,
}: NewTranslatedCall): TranslatedCall {
  const { request } = asked;
  return begin({
    kind: 'translated',
    id,
    alias,
    key,
    path,
    requestedModel: request.model,
    route: plan.route,
    isStream: request.isStream,
    isResumable,
    totalMs,
    receivedAt,
    requestBytes: null,
    responseBytes: null,
    request,
    writer: asked.createWriter({ id, created: Math.floor(receivedAt / 1000) }),
    keeper,
    plan,
    prepare,
    isPart,
    isStrict,
    isLarge,
  });
}

/** A passed call at its beginning. It is no stream to us: whatever it is, it passes. */
export function createPassedCall(known: NewPassedCall): PassedCall {
  const { id, key, path, requestedModel, labels, cost, totalMs, receivedAt } = known;
  return begin({
    kind: 'passed',
    id,
    alias: null,
    key,
    path,
    requestedModel,
    route: 'passthrough',
    isStream: false,
    isResumable: false,
    totalMs,
    receivedAt,
    requestBytes: 0,
    responseBytes: 0,
    labels,
    cost,
  });
}

/** V8 copies one object at the beginning of a literal at once; more of them, or fields before it, take 0.8 µs a call. */
function begin<T extends object>(known: T) {
  return {
    ...known,
    controller: new AbortController(),
    firstTokenAt: null,
    pace: { batches: 0, lastAt: 0, maxGapMs: 0 },
    abortedAt: null,
    endedAt: null,
    attempts: [],
    currentAttempt: null,
    spoken: new TokenEstimate(),
    usage: null,
    finishReason: null,
    outcome: 'running' as const,
    status: 200,
    error: null,
    reservation: null,
    booking: null,
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
