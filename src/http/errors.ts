import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { GatewayError } from '../protocol/errors.ts';
import { isRecord } from '../protocol/json.ts';
import type { Services } from './services.ts';

/** The last middleware: every error leaves in OpenAI's envelope, never with a stack trace; a bug is told to the operator. */
export function errorHandler({ observers }: Pick<Services, 'observers'>): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const known = toClientError(error);
    const id = response.get('x-request-id') ?? (response.locals['requestId'] as string);
    if (known === null) observers.reportBug(error, id);
    if (response.headersSent || response.destroyed) {
      // An answer that had begun can only be broken off; Express would print the error besides.
      response.destroy();
      return;
    }
    response.set('x-request-id', id);
    sendError(
      response,
      known ?? new GatewayError('internal_error', 'The gateway failed. The operator finds the cause in its log.'),
    );
  };
}

/** Writes the error with its status, `Retry-After` where a later try may help. Also without the app. */
export function sendError(response: ServerResponse, error: GatewayError): void {
  const body = JSON.stringify(error.toBody());
  response.writeHead(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headersOf(error),
  });
  response.end(body);
}

function headersOf(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = {};
  // OpenAI's clients obey this before their own rules.
  const isHopeless = error.retryAfterMs === Number.POSITIVE_INFINITY;
  if (isHopeless || error.code === 'insufficient_quota' || error.code === 'budget_exceeded')
    headers['x-should-retry'] = 'false';
  if (isHopeless || (error.status !== 429 && error.status !== 503 && error.code !== 'conversation_locked'))
    return headers;
  const milliseconds = error.retryAfterMs ?? 1000;
  headers['retry-after'] = String(Math.ceil(milliseconds / 1000));
  headers['retry-after-ms'] = String(Math.round(milliseconds));
  return headers;
}

/** Errors of Express; null for what should never happen. */
function toClientError(error: unknown): GatewayError | null {
  if (error instanceof GatewayError) return error;
  if (!isRecord(error) && !(error instanceof Error)) return null;
  const { status } = error as { status?: unknown };
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  const reason = error instanceof Error ? error.message : 'bad request';
  return new GatewayError('invalid_request_error', `The request could not be read: ${reason}.`, { status });
}
