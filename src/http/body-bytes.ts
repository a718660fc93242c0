import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { GatewayError } from '../protocol/errors.ts';

/** After a refusal so much is still read and thrown away: many clients see the answer only when they have written. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const DISCARD_MS = 5000;

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** False for a request without a body; one of no bytes is a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

/**
 * Reads a body, inflated, to its end.
 * @param limitBytes for what arrives, and for what it is inflated to
 * @param see is shown every piece; what it throws ends the reading
 * @throws GatewayError 400, 413 or 415, at once: the rest of the body is thrown away meanwhile
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  see: (piece: Buffer) => void,
): Promise<void> {
  try {
    if (Number(request.headers['content-length']) > limitBytes) throw tooLarge(limitBytes);
    await readPieces(request, decoderFor(request.headers), limitBytes, see);
  } catch (error) {
    discardRest(request);
    throw error;
  }
}

function readPieces(
  request: IncomingMessage,
  decoder: Transform | null,
  limitBytes: number,
  see: (piece: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let [arrived, inflated] = [0, 0];
    const fail = (error: unknown): void => {
      request.off('data', arrive).off('end', end).off('close', leave);
      decoder?.removeAllListeners('data').removeAllListeners('end').destroy();
      reject(error);
    };
    const leave = (): void => fail(leftEarly());
    const take = (piece: Buffer): void => {
      inflated += piece.length;
      try {
        if (inflated > limitBytes) throw tooLarge(limitBytes);
        see(piece);
      } catch (error) {
        fail(error);
      }
    };
    const arrive = (piece: Buffer): void => {
      arrived += piece.length;
      if (decoder === null) take(piece);
      else if (arrived > limitBytes) fail(tooLarge(limitBytes));
      else if (!decoder.write(piece)) request.pause();
    };
    const end = (): void => {
      // From here on it is seen by who answers when the client leaves.
      request.off('close', leave);
      if (decoder === null) resolve();
      else decoder.end();
    };
    request.on('data', arrive).on('end', end).on('error', leave).on('close', leave);
    decoder
      ?.on('data', take)
      .on('drain', () => request.resume())
      .on('end', resolve)
      .on('error', (error) => fail(unreadable(error.message, 400)));
  });
}

function decoderFor(headers: IncomingHttpHeaders): Transform | null {
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return null;
  const create = DECODERS.get(encoding);
  if (create === undefined) throw unreadable(`unsupported content encoding "${encoding}"`, 415);
  return create();
}

/** The answer leaves at once; a client that writes without end does not keep its connection. */
function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  let bytes = 0;
  const close = (): void => void request.destroy();
  const timer = setTimeout(close, DISCARD_MS);
  request.on('close', () => clearTimeout(timer)).on('end', () => clearTimeout(timer));
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MAX_DISCARDED_BYTES) close();
  });
  request.resume();
}

/** The error for a request that cannot be read as what it claims to be. */
export function unreadable(reason: string, status: number): GatewayError {
  return new GatewayError('invalid_request_error', `The request could not be read: ${reason}.`, { status });
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The body is larger than the limit of ${limitBytes} bytes (server.body_limit).`;
  return new GatewayError('request_too_large', message);
}

function leftEarly(): GatewayError {
  return new GatewayError('client_closed', 'The client closed the connection before its body was whole.');
}
