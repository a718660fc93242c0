import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../protocol/errors.ts';
import { METHODS } from './cors.ts';
import { sendError } from './errors.ts';
import { excerpt } from './excerpt.ts';

const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** What Node keeps on a connection: the response whose turn it is, and the request that it read last. */
interface HttpConnection extends Duplex {
  readonly _httpMessage?: (ServerResponse & { readonly req: IncomingMessage }) | null;
  readonly parser?: { readonly incoming: IncomingMessage | null } | null;
}

/** How long a client may go on sending what is no longer read. Closed at once, it would lose the answer. */
const LINGER_MS = 2000;

/** Connections that have been given up: Node tells of the same mistake with each further piece that arrives. */
const givenUp = new WeakSet<Duplex>();

/** Answers what Node could not read as HTTP, in the same envelope as everything else, and ends the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, connection: Duplex): void {
  if (error.code === 'ECONNRESET') connection.destroy();
  else giveUp(connection, explain(error.code));
}

/** Answers `CONNECT`, for which Node hands over the bare connection. */
export function refuseTunnel({ url = '' }: IncomingMessage, connection: Duplex): void {
  const message = `CONNECT ${excerpt(url)} is not served: this is a gateway and no tunnel. Use one of ${ALLOW}.`;
  // Nothing else listens to it any more.
  connection.on('error', () => connection.destroy()).resume();
  giveUp(connection, new GatewayError('method_not_allowed', message));
}

function giveUp(connection: Duplex, error: GatewayError): void {
  if (givenUp.has(connection)) return;
  givenUp.add(connection);
  answerInTurn(connection, error);
}

/** One answer for each request: none beside that of a request whose body is broken, none before those of earlier ones. */
function answerInTurn(connection: HttpConnection, error: GatewayError): void {
  const response = connection._httpMessage;
  const request = connection.parser?.incoming;
  const broken = request?.complete === false ? request : null;
  if (!response) end(connection, broken ? '' : rawAnswer(error));
  else if (response.req === broken) giveUpBody(connection, response, error);
  else response.once('close', () => answerInTurn(connection, error));
}

/** The rest of the body will never come: what has begun to answer and waits for it has to be broken off. */
function giveUpBody(connection: Duplex, response: ServerResponse, error: GatewayError): void {
  response.once('close', () => end(connection, ''));
  if (!response.headersSent) sendError(response, error);
  else if (!response.writableEnded) connection.destroy();
}

function end(connection: Duplex, lastWords: string): void {
  if (!connection.writable) {
    connection.destroy();
    return;
  }
  connection.end(lastWords);
  const timer = setTimeout(() => connection.destroy(), LINGER_MS).unref();
  connection.once('close', () => clearTimeout(timer));
}

const ALLOW = METHODS.join(', ');

function rawAnswer(error: GatewayError): string {
  const body = JSON.stringify(error.toBody());
  const allow = error.code === 'method_not_allowed' ? `allow: ${ALLOW}\r\n` : '';
  return (
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n${allow}connection: close\r\n\r\n${body}`
  );
}

function explain(code = 'unreadable'): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return broken(431, 'The request headers are larger than 16 KB. Send fewer or shorter ones.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return broken(408, 'The request did not arrive whole in time.');
  return broken(400, `The request is no valid HTTP (${code}).`);
}

function broken(status: number, message: string): GatewayError {
  return new GatewayError('invalid_request_error', message, { status });
}
