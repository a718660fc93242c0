import { type Awaitable, whenThere } from '../protocol/awaitable.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { ExecuteContext } from '../routing/execute.ts';
import { abortCall, type Call } from './call.ts';
import type { CallTracker } from './call-tracker.ts';
import type { Governor } from './governor.ts';

/** What the life of a call needs beside the call itself. */
export interface CallRunContext extends ExecuteContext {
  readonly governor: Governor;
  readonly tracker: Pick<CallTracker, 'add' | 'end' | 'openStream' | 'closeStream'>;
  /** Tracing, where it is on. */
  callStarted?(call: Call, traceparent: string | undefined): void;
  callEnded(call: Call): void;
  reportBug(error: unknown, requestId: string | null): void;
}

/** The life of one call: started, run to its end, settled. It knows no response: a call may have none, or several. */
export class CallRun<C extends Call> {
  readonly call: C;
  readonly context: CallRunContext;

  /**
   * Puts the call among those in flight.
   * @param traceparent the client's, for tracing
   * @throws GatewayError 409 `request_id_in_use`
   */
  constructor(call: C, context: CallRunContext, traceparent: string | undefined) {
    this.call = call;
    this.context = context;
    context.tracker.add(call);
    context.callStarted?.(call, traceparent);
  }

  /** Ends the call early; the first reason stays. */
  abort(reason: GatewayError): void {
    abortCall(this.call, reason, this.context.now());
  }

  /**
   * Sets aside what the call may cost, where limits hold for its key, and then does what has to be done before it runs. Where
   * either fails the call is over, and on record.
   * @throws GatewayError
   */
  admit(prepare?: () => Promise<void>): Awaitable<void> {
    try {
      const admission = this.call.key.isGoverned ? this.context.governor.admit(this.call) : undefined;
      const admitted = prepare ? whenThere(admission, prepare) : admission;
      return admitted?.catch((error: unknown) => this.#refuse(error));
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /**
   * Runs the call to its end, whatever that is, and puts it on record. Where the provider's own error is the answer,
   * `work` leaves it on the call.
   * @throws GatewayError
   */
  async run(work: () => Promise<void>): Promise<void> {
    const { call } = this;
    const deadline = setTimeout(() => this.abort(deadlineError(call)), call.totalMs);
    try {
      await work();
      call.outcome = call.error === null ? 'completed' : 'failed';
    } catch (error) {
      this.#fail(error);
      throw call.error;
    } finally {
      clearTimeout(deadline);
      const settling = this.#settle();
      if (settling) await settling;
      this.#end();
    }
  }

  /** The error that ends the call: the reason of its abort where there is one. */
  toError(error: unknown): GatewayError {
    const { signal } = this.call.controller;
    if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
    if (error instanceof GatewayError) return error;
    this.context.reportBug(error, this.call.id);
    return new GatewayError('internal_error', 'The gateway failed. The operator finds the cause in its log.');
  }

  async #refuse(error: unknown): Promise<never> {
    this.#fail(error);
    await this.#settle();
    this.#end();
    throw this.call.error;
  }

  #fail(error: unknown): void {
    const { call } = this;
    call.error = this.toError(error);
    call.outcome = call.error.status === 499 ? 'cancelled' : 'failed';
  }

  /** Whatever became of the call: what it had set aside ends with what it cost. */
  #settle(): Awaitable<void> {
    const { call } = this;
    if (call.reservation === null) return;
    return whenThere(call.reservation.settle(), (booking) => {
      call.booking = booking;
    });
  }

  #end(): void {
    const { call, context } = this;
    call.endedAt = context.now();
    context.tracker.end(call);
    context.callEnded(call);
  }
}

function deadlineError({ totalMs }: Call): GatewayError {
  return new GatewayError('upstream_timeout', `The call was not answered within its ${totalMs} ms.`);
}
