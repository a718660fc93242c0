import type { Response } from 'express';
import type { Call } from '../calls/call.ts';
import type { CallRun } from '../calls/run-call.ts';
import { parseDuration } from '../config/units.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import { GatewayError } from '../protocol/errors.ts';
import { toHeaderList, toHeaderValue } from './header-value.ts';

/** A client that leaves ends its call. */
export function abortWhenClosed(run: CallRun<Call>, response: Response): void {
  const abort = (): void => {
    // A body that broke off was answered for its call, which still waits for the rest of it.
    const isBrokenOff = !response.req.complete && run.call.endedAt === null;
    if (response.writableFinished && !isBrokenOff) return;
    run.abort(new GatewayError('client_closed', 'The client closed the connection.'));
  };
  // While a large request was read in turns its client may have left.
  if (response.closed) abort();
  else response.on('close', abort);
}

/**
 * Sets aside what a call may cost, and does what has to be done before it runs. A refusal has the headers of the call.
 * @throws GatewayError
 */
export function admitCall(run: CallRun<Call>, response: Response, prepare?: () => Promise<void>): Awaitable<void> {
  return run.admit(prepare)?.catch((error: unknown) => {
    // A summary is a call that begins when the answer has.
    if (!response.headersSent) response.set(headersOf(run.call, run.context.now()));
    throw error;
  });
}

/** The client's deadline for the whole call, in milliseconds: `x-sluice-timeout`, and never more than the setting. */
export function totalOf(header: string | undefined, mostMs: number): number {
  if (header === undefined) return mostMs;
  const total = parseDuration(header);
  if (total !== null && total > 0) return Math.min(total, mostMs);
  throw new GatewayError('invalid_value', `x-sluice-timeout is '${header}', but should be a duration such as 20s.`);
}

/** The headers of every answer of a call; before there was an attempt only its id. */
export function headersOf(call: Call, now: number): Record<string, string> {
  const first = call.attempts[0];
  const attempt = call.currentAttempt;
  if (first === undefined || attempt === null) {
    return { 'x-request-id': call.alias ?? call.id, ...call.reservation?.headers };
  }
  // What the gateway itself took: before the first attempt and since the answering one's first token.
  const spokeAt = attempt.firstTokenAt ?? attempt.endedAt ?? now;
  const overhead = first.startedAt - call.receivedAt + (now - spokeAt);
  return {
    'x-request-id': call.alias ?? call.id,
    'x-sluice-model': toHeaderValue(attempt.target.facts.model),
    'x-sluice-provider': toHeaderValue(attempt.target.provider.name),
    'x-sluice-route': toHeaderValue(call.route),
    'x-sluice-attempts': String(call.attempts.length),
    'x-sluice-overhead-ms': overhead.toFixed(2),
    ...(attempt.dropped.length > 0 ? { 'x-sluice-dropped-params': toHeaderList(attempt.dropped) } : {}),
    ...call.reservation?.headers,
  };
}
