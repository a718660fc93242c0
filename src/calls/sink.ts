/** Where the frames of a stream go: a response, or a buffer that several responses follow. */
export interface Sink {
  /** True once something can no longer be taken back: then an error is an event, and no status. */
  hasBegun(): boolean;
  /** False when it takes no more for now: then wait for `drained`. */
  write(frames: string): boolean;
  drained(signal: AbortSignal): Promise<unknown>;
  end(frames: string): void;
}
