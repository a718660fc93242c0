import type { StreamReader } from '../dialects/dialect.ts';
import { type Delta, isMeaningful } from '../protocol/delta.ts';
import { fail } from '../protocol/failure.ts';
import { createEventReader } from '../protocol/sse.ts';

/** Far more than an hour of the fastest model; a stream beyond that has no end. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;

/** Reads one streamed answer. */
export interface StreamParser {
  /** True from the first token on. */
  hasSpoken(): boolean;
  /** True when the provider said that nothing more will come. */
  isDone(): boolean;
  /** What stands before a broken event counts, however the bytes were cut: `refuse` tells of the event. */
  read(bytes: Uint8Array): readonly Delta[];
  /** @throws what was wrong with the last read */
  refuse(): void;
  end(): readonly Delta[];
  /** The same where the connection was lost: an event that is cut in its middle is none. */
  lost(): readonly Delta[];
}

/** Bytes, cut anywhere, to batches: all that happens to a read happens in one turn. */
export function createStreamParser(reader: StreamReader): StreamParser {
  const events = createEventReader();
  let hasSpoken = false;
  let size = 0;
  let broken: { readonly error: unknown } | null = null;
  const readAll = (data: readonly string[]): readonly Delta[] => {
    const batch: Delta[] = [];
    try {
      // Up to the last event: what comes after it is no part of the answer.
      for (const event of data) {
        if (reader.isDone()) break;
        for (const delta of reader.read(event)) batch.push(delta);
      }
    } catch (error) {
      broken = { error };
    }
    return batch;
  };
  const step = (data: readonly string[]): readonly Delta[] => {
    // Paced streams have one event per read: its deltas are the batch as they are.
    const batch = data.length === 1 && !reader.isDone() ? reader.read(data[0] ?? '') : readAll(data);
    hasSpoken ||= batch.some(isMeaningful);
    return batch;
  };
  return {
    hasSpoken: () => hasSpoken,
    isDone: reader.isDone,
    read(bytes) {
      size += bytes.length;
      if (size > MAX_STREAM_BYTES) fail('interrupted', `The provider sent more than ${MAX_STREAM_BYTES} bytes.`);
      return step(events.read(bytes));
    },
    refuse() {
      if (broken) throw broken.error;
    },
    end: () => [...step(events.end()), ...reader.end()],
    lost: () => reader.end(),
  };
}
