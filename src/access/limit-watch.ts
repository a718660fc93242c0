import type { LimitChanges } from './limit-changes.ts';

/** What a watch needs of the world. */
export interface LimitWatchContext {
  /** What was changed after these entries of the audit. */
  changes(seq: number, resetsSince: number): Promise<LimitChanges>;
  /** Is told of it, again where that fails. */
  tell(changes: LimitChanges): Promise<void>;
}

/**
 * A window is on record as begun anew before its sum is booked: so many looks, two seconds, it is told that it was, so that
 * one of them comes after that.
 */
const LOOKS = 5;

/** Sees by the audit which limits were changed and what was deleted, by whichever process: calls in flight go by those of now. */
export class LimitWatch {
  readonly #context: LimitWatchContext;
  /** The newest entry at each of the last looks, the oldest first. */
  readonly #seen: number[] = [];
  /** The last entry that was told; null before the first look: what was changed then is read with the keys themselves. */
  #told: number | null = null;
  #isTelling = false;

  constructor(context: LimitWatchContext) {
    this.#context = context;
  }

  /** @param seq of the newest entry of the audit */
  look(seq: number): void {
    // It has fewer after a backup was put in its place.
    this.#told = Math.min(this.#told ?? seq, seq);
    this.#seen.push(seq);
    if (this.#seen.length > LOOKS) this.#seen.shift();
    const resetsSince = Math.min(this.#seen[0] ?? seq, this.#told);
    if (seq === resetsSince || this.#isTelling) return;
    this.#isTelling = true;
    void this.#tell(this.#told, resetsSince, seq);
  }

  async #tell(told: number, resetsSince: number, seq: number): Promise<void> {
    try {
      const changes = await this.#context.changes(told, resetsSince);
      if (Object.values(changes).some((told) => told.length > 0)) await this.#context.tell(changes);
      this.#told = seq;
    } catch {
      // It is told at the next look; that the database cannot be read is said by who looks.
    } finally {
      this.#isTelling = false;
    }
  }
}
