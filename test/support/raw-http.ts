import { connect, type Socket } from 'node:net';
import { parseJson, recordOf } from '../../src/protocol/json.ts';

/** An answer as it stood on the socket. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly error: Readonly<Record<string, unknown>>;
}

/** Writes bytes that no HTTP client would send, and reads until the server closes the connection. */
export async function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const [head = '', ...rest] = (await exchangeRaw(url, text)).split('\r\n\r\n');
  const body = recordOf(parseJson(rest.join('\r\n\r\n')));
  return { status: Number(head.split(' ')[1]), head, error: recordOf(body['error']) };
}

/** The same, with everything that came back: also what should not have. */
export async function exchangeRaw(url: string, text: string): Promise<string> {
  const socket = openSocket(url);
  socket.write(text);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** A connection to a server that a test writes and reads byte by byte. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}
