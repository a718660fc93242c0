import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, inflateRaw, unzip, zstdDecompress } from 'node:zlib';
import { maskSecrets } from '../../protocol/secrets.ts';

/** As it comes, and inflated: longer ones are no words for a client. */
const MAX_BYTES = 256 * 1024;
const MAX_INFLATED_BYTES = 1024 * 1024;

type Decode = (bytes: Buffer) => Promise<Buffer>;

const limits = { maxOutputLength: MAX_INFLATED_BYTES };
const unzipped = promisify(unzip);
const gzip: Decode = (bytes) => unzipped(bytes, limits);
const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  // Some servers leave out the wrapper that the standard wants.
  ['deflate', (bytes) => gzip(bytes).catch(() => promisify(inflateRaw)(bytes, limits))],
  ['br', (bytes) => promisify(brotliDecompress)(bytes, limits)],
  ['zstd', (bytes) => promisify(zstdDecompress)(bytes, limits)],
  ['identity', async (bytes) => bytes],
]);

/**
 * The body of an answer that is an error or leads elsewhere, inflated, with stars for the secrets. Null where it cannot
 * be searched: too long, cut, or compressed in a way that is not known.
 */
export async function readErrorBody(answer: IncomingMessage, secrets: readonly string[]): Promise<Buffer | null> {
  const decode = DECODERS.get((answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase());
  const bytes = await readSome(answer);
  if (bytes === null || bytes.length === 0) return bytes;
  const text = await decode?.(bytes).catch(() => null);
  // Latin-1 is one character per byte, whatever the body's own encoding is.
  return text ? Buffer.from(maskSecrets(text.toString('latin1'), secrets), 'latin1') : null;
}

async function readSome(answer: IncomingMessage): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > MAX_BYTES) return null;
    }
  } catch {
    // The head said what happened; what ended it otherwise (a deadline, a cancel) has its reason noted.
    return null;
  }
  return Buffer.concat(pieces);
}
