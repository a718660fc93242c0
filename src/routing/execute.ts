import type { UpstreamRequest } from '../languages/dialect.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import type { OnBatch } from '../protocol/delta.ts';
import { GatewayError, toGatewayError, toInterruption } from '../protocol/errors.ts';
import { AttemptError, type Failure, fail } from '../protocol/failure.ts';
import { encodeSteps } from '../protocol/json-text.ts';
import { inTurns } from '../protocol/turns.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import { type Attempt, createAttempt, runAttempt } from './attempt.ts';
import type { CallContext } from './call-context.ts';
import { Failover, type FailoverContext } from './failover.ts';
import { hedged, type Manner } from './hedge.ts';
import { isTargetToBlame } from './permit.ts';
import { canRescue, createRescue, type Rescue, rescueWays } from './rescue.ts';
import { nextAfter } from './retry.ts';
import type { Stats } from './stats.ts';
import type { Target } from './target.ts';
import { Transcript } from './transcript.ts';

/** What answering a call needs of the world. */
export interface ExecuteContext extends FailoverContext {
  readonly client: UpstreamClient;
  readonly providerKeys: KeyPool;
  readonly stats: Pick<Stats, 'lateAfterMs'>;
  /** Waits; rejects as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  attemptBegan(call: CallContext, attempt: Attempt): void;
  /** Headers for the provider, that join its spans to those of the call. */
  traceHeaders?(call: CallContext, attempt: Attempt): Readonly<Record<string, string>>;
  attemptEnded(call: CallContext, attempt: Attempt): void;
}

/** What is asked next: the whole answer, or the rest of one that broke off. */
interface Question {
  readonly target: Target;
  readonly rescue: Rescue | null;
}

/**
 * Answers a call, over as many attempts as it takes. The first batch comes with the first token.
 * @throws GatewayError what the client gets when nothing helped, or the reason of an abort
 */
export async function execute(call: CallContext, context: ExecuteContext, onBatch: OnBatch): Promise<void> {
  const route = new Failover(call.plan, call.receivedAt + call.totalMs, context);
  const transcript = new Transcript();
  let question: Question = { target: route.target, rescue: null };
  // Before the first token a failure has shown nothing, and the call may start anew; after it only a rescue helps.
  let isCommitted = false;
  const deliverToClient: OnBatch = (batch) => {
    isCommitted = true;
    const sent = question.rescue ? question.rescue.splice(batch) : batch;
    transcript.add(sent);
    return onBatch(sent);
  };
  try {
    for (;;) {
      try {
        await askOrHedge(question, call, { route, context, onBatch: deliverToClient });
        route.succeeded();
        return;
      } catch (error) {
        if (!(error instanceof AttemptError)) throw error;
        question = isCommitted
          ? rescue(error, question, { call, route, transcript })
          : await recover(error, call, route, context);
      }
    }
  } finally {
    route.end();
  }
}

/** What an attempt needs beside its question. */
interface Surroundings {
  readonly route: Failover;
  readonly context: ExecuteContext;
  readonly onBatch: OnBatch;
}

/** One attempt; two where the answer is late and somebody else may be asked as well. */
function askOrHedge(question: Question, call: CallContext, { route, context, onBatch }: Surroundings): Promise<void> {
  const { target, rescue } = question;
  const lateAfterMs = rescue || !call.chat.stream ? null : lateAfter(target, context);
  if (lateAfterMs === null) return ask(question, call, context, { signal: call.controller.signal, onBatch });
  return hedged(target, lateAfterMs, {
    signal: call.controller.signal,
    sleep: context.sleep,
    ask: async (other, manner) => ask({ target: other, rescue: null }, call, context, manner),
    route: {
      hedge: () => route.hedge(),
      primaryWon: (failure) => route.primaryWon(failure),
      backupWon(failure) {
        call.currentAttempt = call.attempts.find(({ isHedge }) => isHedge) ?? null;
        route.backupWon(failure);
      },
    },
    onBatch,
  });
}

/** When a target counts as late with its first token, in milliseconds; null where it is not hedged. */
function lateAfter({ id, policy }: Target, { stats }: ExecuteContext): number | null {
  return policy.hedgeAfter === 'p95' ? stats.lateAfterMs(id) : policy.hedgeAfter;
}

/** One attempt, on record. @throws at once what speaks against asking it */
function ask(question: Question, call: CallContext, context: ExecuteContext, manner: Manner): Promise<void> {
  if (call.isLarge) return askInTurns(question, call, context, manner);
  return askWith(translate(chatOf(question, call), question.target, call), question, call, context, manner);
}

/** The same for a large request, which would keep everybody waiting if all of it were done at once. */
async function askInTurns(
  question: Question,
  call: CallContext,
  context: ExecuteContext,
  manner: Manner,
): Promise<void> {
  const turn = (): Promise<void> => context.sleep(0, manner.signal);
  await turn();
  const message = translate(chatOf(question, call), question.target, call);
  await turn();
  const encoded = await inTurns(encodeSteps(message.body), turn);
  return askWith({ ...message, body: {}, encoded }, question, call, context, manner);
}

function chatOf({ rescue }: Question, { chat }: CallContext): ChatRequest {
  return rescue?.chat ?? chat;
}

function askWith(
  message: UpstreamRequest,
  question: Question,
  call: CallContext,
  context: ExecuteContext,
  manner: Manner,
): Promise<void> {
  const { signal, isHedge = false, onBatch } = manner;
  const { target } = question;
  const chat = chatOf(question, call);
  const { client, now, providerKeys } = context;
  const key = providerKeys.next(target.provider);
  const record = { isHedge, keyNumber: key?.number ?? null, rescue: question.rescue?.way ?? null };
  const attempt = createAttempt(call.attempts.length + 1, target, message.dropped, now(), record);
  call.attempts.push(attempt);
  if (!isHedge) call.currentAttempt = attempt;
  context.attemptBegan(call, attempt);
  const headers = context.traceHeaders?.(call, attempt);
  const sent = headers ? { ...message, headers } : message;
  const ended = (): void => {
    if (key && attempt.failure) providerKeys.failed(target.provider, key, attempt.failure);
    context.attemptEnded(call, attempt);
  };
  return runAttempt(attempt, chat, sent, { client, now, apiKey: key?.value ?? null, signal, ended }, onBatch);
}

/** Translates the frozen request for one target. */
function translate(chat: ChatRequest, target: Target, { isStrict, attempts }: CallContext): UpstreamRequest {
  try {
    const message = target.provider.chooseDialect(chat, target.facts).request(chat, target.facts);
    if (isStrict && message.dropped.length > 0) refuse(target, message.dropped);
    return message;
  } catch (error) {
    // Only the model that was asked for may refuse the request; a fallback that cannot say it is passed over.
    if (!(error instanceof GatewayError) || attempts.length === 0) throw error;
    return fail('not-found', error.message);
  }
}

/** A request may have thousands of parameters that nobody knows. */
const MAX_NAMED = 20;

function refuse({ facts }: Target, dropped: readonly string[]): never {
  const shown = dropped.slice(0, MAX_NAMED).map((name) => `'${name.slice(0, 100)}'`);
  const names = [...shown, ...(dropped.length > MAX_NAMED ? [`${dropped.length - MAX_NAMED} more`] : [])].join(', ');
  const advice = 'Leave it out, or leave out x-sluice-strict to have it dropped.';
  const message = `Model '${facts.model}' cannot honour ${names}. ${advice}`;
  throw new GatewayError('unsupported_parameter', message, { param: dropped[0] ?? null });
}

/** Before the first token: the same target after a while, or the next one. */
async function recover(
  error: AttemptError,
  call: CallContext,
  route: Failover,
  context: ExecuteContext,
): Promise<Question> {
  const step = route.afterFailure(error.failure);
  switch (step.kind) {
    case 'again':
      await context.sleep(step.afterMs, call.controller.signal);
      return { target: step.target, rescue: null };
    case 'next':
      return { target: step.target, rescue: null };
    case 'give-up':
      throw toGatewayError(failureToReport(call) ?? error.failure, error);
    default:
      throw step satisfies never;
  }
}

/**
 * What the client is told when nothing helped: the last failure, unless a fallback only could not take the request
 * while the trouble lay with another target.
 */
function failureToReport({ attempts, currentAttempt: last }: CallContext): Failure | null {
  if (!last?.failure || isTargetToBlame(last.failure)) return last?.failure ?? null;
  const earlier = attempts.findLast(({ target, failure }) => target !== last.target && failure !== null);
  return earlier?.failure && isTargetToBlame(earlier.failure) ? earlier.failure : last.failure;
}

interface Broken {
  readonly call: CallContext;
  readonly route: Failover;
  readonly transcript: Transcript;
}

/** After the first token: a target that goes on where the answer broke off. */
function rescue(error: AttemptError, question: Question, { call, route, transcript }: Broken): Question {
  const { failure } = error;
  const isRefused = question.rescue !== null && failure.kind === 'invalid-request';
  const { rescue: mode } = question.target.policy;
  if (isRefused && question.rescue.others.length > 0) {
    // Some models refuse to go on after a prefix, whatever their registry entry says, or to be asked for the rest.
    return { target: question.target, rescue: createRescue(call.chat, transcript.text(), question.rescue.others) };
  }
  const isWanted = mode !== 'off' && (isRefused || nextAfter(failure) !== 'no');
  const target = isWanted && canRescue(call.chat, transcript) ? route.afterInterruption(failure) : null;
  if (target === null) throw toInterruption(interruptionToReport(call, failure), error);
  return { target, rescue: createRescue(call.chat, transcript.text(), rescueWays(target, mode)) };
}

/** Why the answer broke off, unless the last who stepped in would have told another one. */
function interruptionToReport({ attempts }: CallContext, failure: Failure): Failure {
  return failure.kind === 'other-words' ? failure : (attempts.find(isBroken)?.failure ?? failure);
}

/** An attempt that spoke and then failed. */
function isBroken({ firstTokenAt, failure }: Attempt): boolean {
  return firstTokenAt !== null && failure !== null;
}
