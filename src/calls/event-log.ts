import { EventEmitter, once } from 'node:events';

/** What is written at the very end of a stream; it is no event and has no number. */
const END = 'data: [DONE]';

/** The numbered events of an answer that outlives its client, for any number of readers. */
export class EventLog {
  readonly #events: string[] = [];
  readonly #changed = new EventEmitter().setMaxListeners(0);
  readonly #ended = Promise.withResolvers<void>();
  #isEnded = false;

  /** @param frames whole ones */
  append(frames: string): void {
    for (const frame of frames.split('\n\n')) {
      if (frame !== '' && !frame.startsWith(END)) this.#events.push(`${frame}\n\n`);
    }
    this.#changed.emit('change');
  }

  end(): void {
    this.#isEnded = true;
    this.#ended.resolve();
    this.#changed.emit('change');
  }

  /** Resolves with the end. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  isEnded(): boolean {
    return this.#isEnded;
  }

  /** How many there are; the last one has one less as its number. */
  size(): number {
    return this.#events.length;
  }

  /** The events from this number on. */
  from(number: number): readonly string[] {
    return this.#events.slice(number);
  }

  /** Resolves with the next event, or with the end; rejects when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (!this.#isEnded) await once(this.#changed, 'change', { signal });
  }
}
