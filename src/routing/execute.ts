import { whenThere } from '../protocol/awaitable.ts';
import { batchOf, type OnBatch } from '../protocol/delta.ts';
import { toGatewayError, toInterruption } from '../protocol/errors.ts';
import { AttemptError, toFailure } from '../protocol/failure.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import type { KeyPool } from '../upstream/key-pool.ts';
import { type Attempt, createAttempt, runAttempt } from './attempt.ts';
import { type PreparedRequest, prepare, prepareInTurns } from './attempt-request.ts';
import type { CallContext } from './call-context.ts';
import { Failover, type FailoverContext } from './failover.ts';
import { hedged } from './hedge.ts';
import { failureToReport, interruptionToReport, limitErrorIn } from './reported-failure.ts';
import { canRescue, createRescue, type Rescue, rescueWays } from './rescue.ts';
import { nextAfter } from './retry.ts';
import type { Stats } from './stats.ts';
import type { Target } from './target.ts';
import { Transcript } from './transcript.ts';

/** What answering a call needs beside the call itself. */
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

/**
 * Answers a call, over as many attempts as it takes. The first batch comes with the first token.
 * @throws GatewayError what the client gets when nothing helped, or the reason of an abort
 */
export function execute(call: CallContext, context: ExecuteContext, onBatch: OnBatch): Promise<void> {
  return new AttemptLoop(call, context, onBatch).run();
}

/** How one attempt is run, where two of a race run beside each other. */
interface AttemptOptions {
  readonly signal: AbortSignal;
  readonly isHedge: boolean;
  readonly onBatch: OnBatch;
}

/** The one place that tries again: a class, because every call makes one, and closures would cost it more. */
class AttemptLoop {
  readonly #call: CallContext;
  readonly #context: ExecuteContext;
  readonly #onBatch: OnBatch;
  readonly #failover: Failover;
  readonly #transcript = new Transcript();
  /** What is asked next: the whole answer, or with a rescue the rest of one that broke off. */
  #target: Target;
  #rescue: Rescue | null = null;
  // Before the first token a failure has shown nothing, and the call may start anew; after it only a rescue helps.
  #isCommitted = false;

  constructor(call: CallContext, context: ExecuteContext, onBatch: OnBatch) {
    this.#call = call;
    this.#context = context;
    this.#onBatch = onBatch;
    this.#failover = new Failover(call.plan, call.receivedAt + call.totalMs, context);
    this.#target = this.#failover.target;
  }

  async run(): Promise<void> {
    try {
      for (;;) {
        try {
          await this.#askOrHedge();
          this.#failover.succeeded();
          return;
        } catch (error) {
          if (!(error instanceof AttemptError)) throw error;
          if (this.#isCommitted) this.#continueElsewhere(error);
          else await this.#recover(error);
        }
      }
    } finally {
      this.#failover.end();
    }
  }

  readonly #deliverToClient: OnBatch = (batch) => {
    this.#isCommitted = true;
    // From here on the client hears two answers joined: the events of neither are it.
    const sent = this.#rescue ? batchOf(this.#rescue.splice(batch.deltas)) : batch;
    this.#transcript.add(sent.deltas);
    return this.#onBatch(sent);
  };

  /** One attempt; two where the answer is late and another target may be asked as well. */
  #askOrHedge(): Promise<void> {
    const { signal } = this.#call.controller;
    const lateAfterMs = this.#rescue || !this.#call.request.isStream ? null : this.#lateAfterMs();
    if (lateAfterMs === null) {
      return this.#ask(this.#target, { signal, isHedge: false, onBatch: this.#deliverToClient });
    }
    return hedged(this.#target, lateAfterMs, {
      signal,
      sleep: this.#context.sleep,
      ask: async (target, options) => this.#ask(target, options),
      failover: this.#failover,
      backupAnswers: () => {
        this.#call.currentAttempt = this.#call.attempts.find(({ isHedge }) => isHedge) ?? null;
      },
      onBatch: this.#deliverToClient,
    });
  }

  /** When the target counts as late with its first token, in milliseconds; null where it is not hedged. */
  #lateAfterMs(): number | null {
    const { id, policy } = this.#target;
    return policy.hedgeAfter === 'p95' ? this.#context.stats.lateAfterMs(id) : policy.hedgeAfter;
  }

  /** One attempt, on record. @throws at once what speaks against asking it */
  #ask(target: Target, options: AttemptOptions): Promise<void> {
    const request = this.#rescue?.request ?? this.#call.request;
    const { reservation } = this.#call;
    if (reservation === null) return this.#translate(request, target, options);
    // A target that cannot be paid for is passed over.
    return whenThere(reservation.cover(target, request, options.isHedge), (refusal) => {
      if (refusal !== null) throw new AttemptError(toFailure('over-limit', refusal.message), refusal);
      return this.#translate(reservation.clamped(request), target, options);
    });
  }

  #translate(request: ModelRequest, target: Target, options: AttemptOptions): Promise<void> {
    if (!this.#call.isLarge) return this.#send(target, prepare(request, target, this.#call), options);
    const turn = (): Promise<void> => this.#context.sleep(0, options.signal);
    return prepareInTurns(request, target, this.#call, turn).then((prepared) => this.#send(target, prepared, options));
  }

  #send(target: Target, prepared: PreparedRequest, { signal, isHedge, onBatch }: AttemptOptions): Promise<void> {
    const call = this.#call;
    const context = this.#context;
    const { client, now, providerKeys } = context;
    const key = call.plan.pinnedKey ?? providerKeys.next(target.provider);
    const origin = { isHedge, keyNumber: key?.number ?? null, rescue: this.#rescue?.way ?? null };
    const attempt = createAttempt(call.attempts.length + 1, target, prepared.message.dropped, now(), origin);
    call.attempts.push(attempt);
    if (!isHedge) call.currentAttempt = attempt;
    context.attemptBegan(call, attempt);
    const headers = context.traceHeaders?.(call, attempt);
    const message = headers ? { ...prepared.message, headers } : prepared.message;
    const ended = (): void => {
      if (key && attempt.failure) providerKeys.failed(target.provider, key, attempt.failure);
      context.attemptEnded(call, attempt);
    };
    const sent = { client, now, apiKey: key?.value ?? null, signal, ended };
    return runAttempt(attempt, prepared.request, message, sent, onBatch);
  }

  /** Before the first token: the same target after a while, or the next one. */
  async #recover(error: AttemptError): Promise<void> {
    const step = this.#failover.afterFailure(error.failure);
    if (step.kind === 'give-up')
      throw limitErrorIn(error) ?? toGatewayError(failureToReport(this.#call) ?? error.failure, error);
    if (step.kind === 'again') await this.#wait(step.afterMs);
    this.#target = step.target;
  }

  /** The summary of the call says meanwhile how long it will be. */
  #wait(ms: number): Promise<void> {
    const { currentAttempt: failed, controller } = this.#call;
    if (failed !== null) failed.retryAt = this.#context.now() + ms;
    return this.#context.sleep(ms, controller.signal);
  }

  /** After the first token, mid-stream failover: a target that goes on where the answer broke off. */
  #continueElsewhere(error: AttemptError): void {
    const { failure } = error;
    const { rescue: mode } = this.#target.policy;
    const text = this.#transcript.text();
    const isRefused = this.#rescue !== null && failure.kind === 'invalid-request';
    const others = this.#rescue?.others ?? [];
    if (isRefused && others.length > 0) {
      // Some models refuse to go on after a prefix, whatever their registry entry says, or to be asked for the rest.
      this.#rescue = createRescue(this.#call.request, text, others);
      return;
    }
    const isWanted = mode !== 'off' && (isRefused || nextAfter(failure) !== 'no');
    const canContinue = isWanted && canRescue(this.#call.request, this.#transcript);
    const target = canContinue ? this.#failover.afterInterruption(failure) : null;
    if (target === null) throw limitErrorIn(error) ?? toInterruption(interruptionToReport(this.#call, failure), error);
    this.#target = target;
    this.#rescue = createRescue(this.#call.request, text, rescueWays(target, mode));
  }
}
