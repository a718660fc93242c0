import { AttemptError, toFailure } from '../protocol/failure.ts';
import { recordOf, stringOf } from '../protocol/json.ts';

/**
 * What undici and Node call the ways in which a connection fails. Before the head the request may not even have
 * arrived; in the middle of an answer the same code means that the answer broke off.
 */
const CONNECTION_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  ENOTFOUND: 'has a host name that is not known',
  EAI_AGAIN: 'has a host name that could not be looked up',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  EPIPE: 'closed the connection',
  ETIMEDOUT: 'did not answer the connection',
  UND_ERR_CONNECT_TIMEOUT: 'did not accept the connection in time',
  UND_ERR_SOCKET: 'closed the connection',
};

/**
 * Errors of our own making pass; those of the network become a failure.
 * @param kind what a lost connection means at this point
 */
export function toUpstreamFailure(error: unknown, kind: 'unreachable' | 'interrupted'): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof AttemptError) return error;
  const code = stringOf(recordOf({ ...error })['code']);
  if (code === null) return error;
  return new AttemptError(
    toFailure(isNoHttp(code) ? 'server' : kind, `The provider ${describe(code)} (${code}).`),
    error,
  );
}

/** llhttp could not read the answer, or its head had no end. */
function isNoHttp(code: string): boolean {
  return code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW';
}

function describe(code: string): string {
  const known = CONNECTION_CODES[code];
  if (known) return known;
  if (code.startsWith('HPE_')) return 'sent something that is no HTTP';
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'sent headers without end';
  return /CERT|TLS|SSL/.test(code) ? 'could not be trusted: its TLS certificate was refused' : 'could not be reached';
}
