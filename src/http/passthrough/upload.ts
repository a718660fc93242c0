import { type Readable, Transform } from 'node:stream';
import type { Inspect } from './form-pictures.ts';

/** A client's body on its way to the provider. */
export interface Upload {
  readonly body: Readable;
  /** The provider takes no more: the rest is read and thrown away, or the client would never read its answer. */
  release(): void;
}

/**
 * Counts a body while it streams; a file is never held in memory.
 * @param count told of each piece; false when it is one too many, and then nothing more goes through
 * @param inspect where the pieces are looked at besides
 */
export function countUpload(from: Readable, count: (bytes: number) => boolean, inspect: Inspect | null): Upload {
  const body = new Transform({
    transform(piece: Buffer, _encoding, done) {
      const passes = count(piece.length) && (inspect?.(piece) ?? true);
      const pass = (isPassed: boolean): void => (isPassed ? done(null, piece) : done());
      if (typeof passes === 'boolean') pass(passes);
      else passes.then(pass, done);
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
