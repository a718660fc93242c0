import type { StreamReader } from '../languages/dialect.ts';
import { type Batch, batchOf, type Delta } from '../protocol/delta.ts';
import { fail } from '../protocol/failure.ts';
import { EventReader } from '../protocol/sse.ts';

/** Far more than an hour of the fastest model; a stream beyond that has no end. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;

/** Bytes of one streamed answer, cut anywhere, to batches: all that happens to a read happens in one turn. */
export class StreamParser {
  readonly #events = new EventReader();
  readonly #reader: StreamReader;
  #size = 0;
  #broken: { readonly error: unknown } | null = null;

  constructor(reader: StreamReader) {
    this.#reader = reader;
  }

  /** True when all is said but the usage. */
  isFinished(): boolean {
    return this.#reader.isFinished();
  }

  /** True when the provider said that nothing more will come. */
  isDone(): boolean {
    return this.#reader.isDone();
  }

  /** What stands before a broken event counts, however the bytes were cut: `refuse` tells of the event. */
  read(bytes: Uint8Array): Batch {
    this.#size += bytes.length;
    if (this.#size > MAX_STREAM_BYTES) fail('interrupted', `The provider sent more than ${MAX_STREAM_BYTES} bytes.`);
    return this.#step(this.#events.read(bytes));
  }

  /** @throws what was wrong with the last read */
  refuse(): void {
    if (this.#broken) throw this.#broken.error;
  }

  end(): Batch {
    const { deltas, native } = this.#step(this.#events.end());
    return { deltas: [...deltas, ...this.#reader.end()], native };
  }

  /** What the reader still holds when the connection was lost: an event that is cut in its middle is none. */
  lost(): Batch {
    return batchOf(this.#reader.end());
  }

  #step(data: readonly string[]): Batch {
    const reader = this.#reader;
    // Paced streams have one event per read: its deltas are the batch as they are.
    if (data.length === 1 && !reader.isDone()) {
      return { deltas: reader.read(data[0] ?? ''), native: reader.keepsEvents ? data : null };
    }
    const deltas: Delta[] = [];
    let read = 0;
    try {
      // Up to the last event: what comes after it is no part of the answer.
      for (; read < data.length && !reader.isDone(); read++) {
        for (const delta of reader.read(data[read] ?? '')) deltas.push(delta);
      }
    } catch (error) {
      this.#broken = { error };
    }
    return { deltas, native: reader.keepsEvents ? data.slice(0, read) : null };
  }
}
