import { finished, pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';
import { fail } from '../protocol/failure.ts';
import type { Answer } from './client.ts';

/** A whole answer with generated images stays below; more is a runaway upstream. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
/** How long an error's words may take once its head is there: the status alone says enough. */
const ERROR_BODY_MS = 2000;

/** Some hosts compress whatever was asked for. Decoders give out what they have at once, for streams. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createDecoder,
  'x-gzip': createDecoder,
  deflate: createDecoder,
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
};

function createDecoder(): Transform {
  return createUnzip({ flush: constants.Z_SYNC_FLUSH });
}

/**
 * The body as the provider meant it. Errors of the connection come out of it, too.
 * @throws AttemptError for a compression that was not asked for and is not known
 */
export function decodeBody({ headers, body }: Answer): Readable {
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity' || encoding === '') return body;
  const decoder = DECODERS[encoding]?.();
  if (!decoder)
    fail('server', `The provider's answer is compressed with '${encoding.slice(0, 50)}', not as asked for.`);
  // Whoever reads the decoder learns of every error: nothing is left to say here.
  return pipeline(body, decoder, () => undefined) as Transform;
}

/**
 * Hands over each read as it comes, until the body ends or enough was read; the body is then still open. While a
 * promise that `read` gave is pending, the connection is held back.
 * @throws what `read` throws, or why the connection was lost
 */
export function readBody(
  body: Readable,
  read: (bytes: Buffer) => Promise<unknown> | undefined,
  isEnough: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (bytes: Buffer): void => {
      try {
        const full = read(bytes);
        if (isEnough()) stop();
        else if (full) hold(full);
      } catch (error) {
        stop(error);
      }
    };
    const hold = (full: Promise<unknown>): void => {
      body.pause();
      full.then(() => body.resume(), stop);
    };
    const stop = (error?: unknown): void => {
      // One packet may hold more than one read.
      body.off('data', onData);
      forget();
      if (error) reject(error);
      else resolve();
    };
    const forget = finished(body, { writable: false }, stop);
    body.on('data', onData);
  });
}

/** A whole answer. @throws AttemptError when it has no end */
export async function readText(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) fail('server', `The provider sent an answer larger than ${MAX_ANSWER_BYTES} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** What an error's body says, as far as it comes: it may be cut, stall, or have no end. */
export async function readErrorText(answer: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => answer.body.destroy(), ERROR_BODY_MS);
  try {
    for await (const piece of decodeBody(answer) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > MAX_ERROR_BYTES) break;
    }
  } catch {
    // The head said what happened; half of the words are better than a second failure about them.
    answer.body.destroy();
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(pieces).toString('utf8');
}
