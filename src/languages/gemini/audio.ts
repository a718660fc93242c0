import type { ChunkDelta } from '../../protocol/delta.ts';
import type { NewId } from '../dialect.ts';

/** Reads the sound of one answer, which a stream brings in pieces of base64. */
export interface SoundReader {
  read(data: string): ChunkDelta;
  /** The bytes that were held back, if any. */
  end(): ChunkDelta;
}

/** Gives base64 of whole groups of three bytes until the end: padding inside the joined text would break it. */
export function createSoundReader(newId: NewId): SoundReader {
  let isAnnounced = false;
  let held: Buffer = Buffer.alloc(0);

  const align = (data: string): string => {
    if (held.length === 0 && data.length % 4 === 0 && !data.endsWith('=')) return data;
    const bytes = Buffer.concat([held, Buffer.from(data, 'base64')]);
    const whole = bytes.length - (bytes.length % 3);
    held = bytes.subarray(whole);
    return bytes.toString('base64', 0, whole);
  };

  return {
    read(data) {
      const aligned = align(data);
      if (isAnnounced) return aligned === '' ? {} : { audio: { data: aligned } };
      isAnnounced = true;
      // Nothing is kept under this id: it has expired at once.
      return { audio: { id: newId().replace(/^call_/, 'audio_'), expires_at: 0, data: aligned } };
    },
    end: () => (held.length === 0 ? {} : { audio: { data: held.toString('base64') } }),
  };
}
