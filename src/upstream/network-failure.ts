import { AttemptError, toFailure } from '../protocol/failure.ts';
import { recordOf, stringOf } from '../protocol/json.ts';

/**
 * What undici and Node call the ways in which a connection fails. Before the head the request may not even have
 * arrived; in the middle of an answer the same code means that the answer broke off.
 */
const CONNECTION_CODES: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'sent less than it had announced',
  }),
);

/** The answer came, but could not be read as what its head says it is. */
const UNREADABLE: readonly (readonly [RegExp, string])[] = [
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'sent headers without end'],
  [/^HPE_/, 'sent something that is no HTTP'],
  [/^(Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/, 'sent something that could not be decompressed'],
];

/**
 * Errors of our own making pass; those of the network become a failure.
 * @param kind what a lost connection means at this point
 */
export function toUpstreamFailure(error: unknown, kind: 'unreachable' | 'interrupted'): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof AttemptError) return error;
  const code = codeOf(error);
  if (code === null) return error;
  const scheme = schemeMistake(error, code);
  if (scheme !== null) return new AttemptError(toFailure('wrong-address', `The provider ${scheme} (${code}).`), error);
  const unreadable = UNREADABLE.find(([pattern]) => pattern.test(code))?.[1];
  const description = unreadable ?? CONNECTION_CODES.get(code) ?? describe(code);
  return new AttemptError(toFailure(unreadable ? 'server' : kind, `The provider ${description} (${code}).`), error);
}

/** undici's parser does not always say what llhttp calls the fault. */
function codeOf(error: Error): string | null {
  return stringOf(recordOf({ ...error })['code']) ?? (error.name === 'HTTPParserError' ? 'HPE_INVALID' : null);
}

/** The two ways in which `http` and `https` are mixed up; neither passes by itself. */
function schemeMistake(error: Error, code: string): string | null {
  if (/wrong.version.number|packet.length.too.long/i.test(code === 'EPROTO' ? error.message : code))
    return 'speaks plain HTTP, and its base_url says https: check it';
  // undici keeps what it could not parse in one field, Node in another: here a TLS alert.
  const { data, rawPacket } = recordOf({ ...error });
  const said = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : stringOf(data);
  return said?.startsWith('\x15\x03') ? 'speaks TLS, and its base_url says http: check it' : null;
}

function describe(code: string): string {
  return /CERT|TLS|SSL/.test(code) ? 'could not be trusted: its TLS certificate was refused' : 'could not be reached';
}
