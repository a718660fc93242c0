import type { ThreadStore } from '../../conversations/store.ts';
import type { RunningResponse } from './running.ts';

/** So many are put down at once: leases are renewed in between. */
const AT_ONCE = 50;
/** What has grown by less waits: so all that is written for one answer is at most five times as long as it. */
const LEAST_GROWTH = 1.25;

/** Puts down what running responses have said, for readers elsewhere, and for when their process is gone. */
export class ProgressKeeper {
  /** How much each had said, in tokens, when it was put down last. */
  readonly #kept = new WeakMap<RunningResponse, number>();

  async keep(store: Pick<ThreadStore, 'noteProgress'>, running: readonly RunningResponse[]): Promise<void> {
    const grown = running
      .map((response) => ({ response, spoken: response.spoken() }))
      .filter(({ response, spoken }) => spoken > 0 && spoken >= LEAST_GROWTH * (this.#kept.get(response) ?? 0))
      .slice(0, AT_ONCE);
    if (grown.length === 0) return;
    const entries = grown.map(({ response: { owner, id, writer } }) => ({
      owner,
      id,
      output: JSON.stringify(writer.snapshot()['output']),
    }));
    await store.noteProgress(entries);
    for (const { response, spoken } of grown) this.#kept.set(response, spoken);
  }
}
