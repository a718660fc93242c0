import type { Request, Response } from 'express';
import { abortCall, type Call } from '../calls/call.ts';
import { parseDuration } from '../config/units.ts';
import { GatewayError } from '../protocol/errors.ts';
import { toHeaderList, toHeaderValue } from './header-value.ts';
import type { Services } from './services.ts';

/** Puts a call that begins among those in flight. @throws GatewayError 409 `request_id_in_use` */
export function registerCall(call: Call, request: Request, { tracker, callStarted }: Services): void {
  tracker.add(call);
  callStarted?.(call, request.get('traceparent'));
}

/** A client that leaves ends its call. */
export function abortWhenClosed(call: Call, response: Response, { now }: Services): void {
  const abort = (): void => {
    if (response.writableFinished) return;
    abortCall(call, new GatewayError('client_closed', 'The client closed the connection.'), now());
  };
  // While a large request was read in turns its client may have left.
  if (response.closed) abort();
  else response.on('close', abort);
}

/**
 * Runs a call to its end, whatever that is, and puts it on record. Where the provider's own error is the answer, `run`
 * leaves it on the call.
 * @throws GatewayError
 */
export async function runCall(call: Call, services: Services, run: () => Promise<void>): Promise<void> {
  const deadline = setTimeout(() => abortCall(call, deadlineError(call), services.now()), call.totalMs);
  try {
    await run();
    call.outcome = call.error === null ? 'completed' : 'failed';
  } catch (error) {
    call.error = toCallError(error, call, services);
    call.outcome = call.error.status === 499 ? 'cancelled' : 'failed';
    throw call.error;
  } finally {
    clearTimeout(deadline);
    call.endedAt = services.now();
    services.tracker.end(call);
    services.callEnded(call);
  }
}

/** The client's deadline for the whole call, in milliseconds: `x-sluice-timeout`, and never more than the setting. */
export function totalOf(header: string | undefined, mostMs: number): number {
  if (header === undefined) return mostMs;
  const total = parseDuration(header);
  if (total !== null && total > 0) return Math.min(total, mostMs);
  throw new GatewayError('invalid_value', `x-sluice-timeout is '${header}', but should be a duration such as 20s.`);
}

/** The error that ends a call: the reason of its abort where there is one. */
export function toCallError(error: unknown, call: Call, services: Services): GatewayError {
  const { signal } = call.controller;
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (error instanceof GatewayError) return error;
  services.reportBug(error, call.id);
  return new GatewayError('internal_error', 'The gateway failed. The operator finds the cause in its log.');
}

/** The headers of every answer of a call; before there was an attempt only its id. */
export function headersOf(call: Call, { now }: Services): Record<string, string> {
  const first = call.attempts[0];
  const attempt = call.currentAttempt;
  if (first === undefined || attempt === null) return { 'x-request-id': call.id };
  // What the gateway itself took: before the first attempt and since the answering one's first token.
  const spokeAt = attempt.firstTokenAt ?? attempt.endedAt ?? now();
  const overhead = first.startedAt - call.receivedAt + (now() - spokeAt);
  return {
    'x-request-id': call.id,
    'x-sluice-model': toHeaderValue(attempt.target.facts.model),
    'x-sluice-provider': toHeaderValue(attempt.target.provider.name),
    'x-sluice-route': toHeaderValue(call.route),
    'x-sluice-attempts': String(call.attempts.length),
    'x-sluice-overhead-ms': overhead.toFixed(2),
    ...(attempt.dropped.length > 0 ? { 'x-sluice-dropped-params': toHeaderList(attempt.dropped) } : {}),
  };
}

function deadlineError({ totalMs }: Call): GatewayError {
  return new GatewayError('upstream_timeout', `The call was not answered within its ${totalMs} ms.`);
}
