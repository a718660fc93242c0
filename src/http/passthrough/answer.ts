import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { PassedCall } from '../../calls/call.ts';
import { type ErrorCode, GatewayError } from '../../protocol/errors.ts';
import { toErrorFrame } from '../../protocol/sse.ts';
import { type Provider, secretsOf } from '../../providers/provider.ts';
import type { Watchdog } from '../../upstream/watchdog.ts';
import { readErrorBody } from './error-body.ts';
import { visibleHeaders } from './headers.ts';
import type { PassedText } from './passed-text.ts';
import type { ReportedUsage } from './reported-usage.ts';

/** What handing on an answer needs to know. */
export interface Delivery {
  readonly call: PassedCall;
  readonly response: Response;
  readonly provider: Provider;
  /** Headers of the gateway. */
  readonly headers: Readonly<Record<string, string>>;
  readonly watchdog: Watchdog;
  readonly idleMs: number;
  /** Is shown the bytes of a good answer that may tell what it came to. */
  readonly usage: ReportedUsage | null;
  /** Reads a stream that is paid for as it grows. */
  readonly text: PassedText | null;
}

/**
 * Hands an answer on: a good one piece by piece, no faster than the client takes it; an error when it is whole and
 * nothing of the provider's account is left in it.
 * @throws what broke it off, the signal's reason after an abort
 */
export async function deliver(answer: IncomingMessage, delivery: Delivery): Promise<void> {
  const { call, watchdog, idleMs } = delivery;
  call.status = answer.statusCode ?? 502;
  watchdog.expect('nothing more', idleMs);
  if (call.status >= 400) call.error = errorOf(call.status);
  if (call.status >= 300) await deliverMasked(answer, delivery);
  else await copy(answer, delivery).catch((error: unknown) => endCut(delivery, error));
}

/** A stream that its budget has cut says so where an event may follow; any other end in its middle breaks it off. */
function endCut({ call, response, text }: Delivery, error: unknown): never {
  const { reason } = call.controller.signal;
  const isCut = reason instanceof GatewayError && reason.code === 'budget_exceeded';
  if (isCut && text?.isBetweenEvents) response.end(toErrorFrame(reason.toBody()));
  throw error;
}

async function copy(answer: IncomingMessage, delivery: Delivery): Promise<void> {
  const { call, response, provider, headers, watchdog, idleMs, usage } = delivery;
  const reader = isReadable(answer, /json|event-stream/i) ? usage : null;
  const text = isReadable(answer, /event-stream/i) ? delivery.text : null;
  // What may be cut, with a last event that says so, has not the length that its provider tells.
  const { 'content-length': _length, ...unmeasured } = answer.headers;
  response.writeHead(call.status, {
    ...visibleHeaders(text === null ? answer.headers : unmeasured, secretsOf(provider), call.key),
    ...headers,
  });
  response.flushHeaders();
  for await (const piece of answer as AsyncIterable<Buffer>) {
    call.responseBytes = (call.responseBytes ?? 0) + piece.length;
    reader?.add(piece);
    if (text !== null) call.reservation?.spoke(text.add(piece));
    if (!response.write(piece)) {
      watchdog.pause();
      await once(response, 'drain', { signal: call.controller.signal });
    }
    watchdog.expect('nothing more', idleMs);
  }
  response.end();
}

/** What is compressed although it was not asked for is counted in bytes alone. */
function isReadable({ headers }: IncomingMessage, types: RegExp): boolean {
  return !headers['content-encoding'] && types.test(headers['content-type'] ?? '');
}

async function deliverMasked(answer: IncomingMessage, delivery: Delivery): Promise<void> {
  const { call, response, provider, headers } = delivery;
  const secrets = secretsOf(provider);
  const body = await readErrorBody(answer, secrets);
  if (body === null) throw call.error ?? errorOf(call.status);
  call.responseBytes = body.length;
  const visible = visibleHeaders(answer.headers, secrets, call.key);
  response.writeHead(call.status, { ...(body.length > 0 ? ofWords(visible, body.length) : visible), ...headers });
  response.end(body);
}

/** Without a body, to a HEAD, they tell of the one that a GET would have had. */
function ofWords(headers: OutgoingHttpHeaders, length: number): OutgoingHttpHeaders {
  const { 'content-encoding': _inflated, ...rest } = headers;
  return { ...rest, 'content-length': length };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  402: 'insufficient_quota',
  429: 'rate_limit_exceeded',
  503: 'upstream_overloaded',
  529: 'upstream_overloaded',
};

/** For the record; the client has the provider's own words. */
function errorOf(status: number): GatewayError {
  const code = CODES[status] ?? (status >= 500 || status < 400 ? 'upstream_error' : 'invalid_request_error');
  const message = `The provider answered HTTP ${status}, and its words cannot be shown.`;
  return new GatewayError(code, message, { status: status < 400 ? 502 : status });
}
