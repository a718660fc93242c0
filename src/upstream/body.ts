import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';
import { fail } from '../protocol/failure.ts';
import type { Answer, Body, BodyListener } from './receiver.ts';

/** A whole answer with generated images stays below; more is a runaway upstream. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
/** How long an error's words may take once its head is there: the status alone says enough. */
const ERROR_BODY_MS = 2000;

/** Some hosts compress whatever was asked for. Decoders give out what they have at once, for streams. */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createDecoder],
  ['x-gzip', createDecoder],
  ['deflate', createDecoder],
  ['br', () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })],
]);

function createDecoder(): Transform {
  return createUnzip({ flush: constants.Z_SYNC_FLUSH });
}

/**
 * The body as the provider meant it. Errors of the connection come out of it, too.
 * @throws AttemptError for a compression that was not asked for and is not known
 */
export function decodeBody({ headers, body }: Answer): Body {
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity' || encoding === '') return body;
  const decoder = DECODERS.get(encoding)?.();
  if (!decoder)
    fail('server', `The provider's answer is compressed with '${encoding.slice(0, 50)}', not as asked for.`);
  return through(decoder, body);
}

function through(decoder: Transform, body: Body): Body {
  decoder.on('drain', () => body.resume());
  return {
    listen(listener) {
      decoder.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error');
      decoder
        .on('data', (bytes: Buffer) => listener.data(bytes))
        .on('end', () => listener.end(null))
        .on('error', (error) => listener.end(error));
      body.listen({
        data(bytes) {
          if (!decoder.write(bytes)) body.pause();
        },
        end(error) {
          if (error) decoder.destroy(error);
          else decoder.end();
        },
      });
    },
    pause: () => void decoder.pause(),
    resume: () => void decoder.resume(),
    destroy(reason) {
      decoder.destroy(reason);
      body.destroy(reason);
    },
  };
}

/** The reader of a body, read by read. */
export interface BodyReading {
  /** While a promise that it gave is pending, the connection is held back. */
  read(bytes: Buffer): Promise<unknown> | undefined;
  /** True when nothing more has to be read. */
  isEnough(): boolean;
}

/**
 * Hands over each read as it comes, until the body ends or enough was read; the body is then still open.
 * @throws what `read` throws, or why the connection was lost
 */
export function readBody(body: Body, reading: BodyReading): Promise<void> {
  return new Promise((resolve, reject) => body.listen(new BodyReader(body, reading, resolve, reject)));
}

class BodyReader implements BodyListener {
  readonly #body: Body;
  readonly #reading: BodyReading;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #isOver = false;

  constructor(body: Body, reading: BodyReading, resolve: () => void, reject: (error: unknown) => void) {
    this.#body = body;
    this.#reading = reading;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  data(bytes: Buffer): void {
    // One packet may hold more than what is enough.
    if (this.#isOver) return;
    try {
      const full = this.#reading.read(bytes);
      if (this.#reading.isEnough()) this.end(null);
      else if (full) this.#hold(full);
    } catch (error) {
      this.end(error);
    }
  }

  end(error: unknown): void {
    this.#isOver = true;
    if (error === null) this.#resolve();
    else this.#reject(error);
  }

  #hold(full: Promise<unknown>): void {
    this.#body.pause();
    full.then(
      () => this.#body.resume(),
      (error: unknown) => this.end(error),
    );
  }
}

/** A whole answer. @throws AttemptError when it has no end */
export async function readText(body: Body): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  const read = (piece: Buffer): undefined => {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) fail('server', `The provider sent an answer larger than ${MAX_ANSWER_BYTES} bytes.`);
    pieces.push(piece);
  };
  await readBody(body, { read, isEnough: () => false });
  const [only] = pieces;
  return (only && pieces.length === 1 ? only : Buffer.concat(pieces)).toString('utf8');
}

/** What an error's body says, as far as it comes: it may be cut, stall, or have no end. */
export async function readErrorText(answer: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  const close = (): void => answer.body.destroy(new Error('Enough was read of an error.'));
  const timer = setTimeout(close, ERROR_BODY_MS);
  const read = (piece: Buffer): undefined => {
    pieces.push(piece);
    size += piece.length;
  };
  try {
    await readBody(decodeBody(answer), { read, isEnough: () => size > MAX_ERROR_BYTES });
  } catch {
    // The head said what happened; half of the words are better than a second failure about them.
  } finally {
    clearTimeout(timer);
    close();
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** What may still come after the end of an answer, so that its connection can be used again. */
const MAX_REST_BYTES = 64 * 1024;
const REST_MS = 1000;

/** Reads the little that may follow an answer's end, else the connection could not be used again. */
export function drainForReuse(body: Body): void {
  let rest = 0;
  const close = (): void => body.destroy(new Error('Too much followed the end of the answer.'));
  const timer = setTimeout(close, REST_MS);
  body.listen({
    data(bytes) {
      rest += bytes.length;
      if (rest > MAX_REST_BYTES) close();
    },
    // The answer is whole: how its connection ends does not matter any more.
    end: () => clearTimeout(timer),
  });
}
