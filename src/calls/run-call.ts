import { GatewayError } from '../protocol/errors.ts';
import type { ExecuteContext } from '../routing/execute.ts';
import { abortCall, type Call } from './call.ts';
import type { CallTracker } from './call-tracker.ts';

/** What the life of a call needs beside the call itself. */
export interface CallRunContext extends ExecuteContext {
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
      call.error = this.toError(error);
      call.outcome = call.error.status === 499 ? 'cancelled' : 'failed';
      throw call.error;
    } finally {
      clearTimeout(deadline);
      this.#settle();
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

  #settle(): void {
    this.call.endedAt = this.context.now();
    this.context.tracker.end(this.call);
    this.context.callEnded(this.call);
  }
}

function deadlineError({ totalMs }: Call): GatewayError {
  return new GatewayError('upstream_timeout', `The call was not answered within its ${totalMs} ms.`);
}
