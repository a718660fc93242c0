import { type Readable, Transform } from 'node:stream';

/** A client's body on its way to the provider. */
export interface Upload {
  readonly body: Readable;
  /** The provider takes no more: the rest is read and thrown away, or the client would never read its answer. */
  release(): void;
}

/**
 * Counts a body while it streams; a file is never held in memory.
 * @param count told of each piece; false when it is one too many, and then nothing more goes through
 */
export function countUpload(from: Readable, count: (bytes: number) => boolean): Upload {
  const body = new Transform({
    transform(piece: Buffer, _encoding, done) {
      if (count(piece.length)) done(null, piece);
      else done();
    },
  });
  from.pipe(body);
  return {
    body,
    release() {
      body.unpipe();
      body.resume();
    },
  };
}
