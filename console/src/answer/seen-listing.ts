import type { ListedThread } from '../feed/threads.ts';

/** The list tells times in whole seconds: what was said later in one of them is found by a second look. */
const LOOKS = 2;

/** How a conversation stood in the list when it was looked at last. */
export class SeenListing {
  #stood = '';
  #looks = 0;

  /** Whether something may have been said since, so that it is to be looked at now. */
  isNews({ updated_at: at, running }: Pick<ListedThread, 'updated_at' | 'running'>): boolean {
    const stands = `${at} ${running}`;
    this.#looks = stands === this.#stood ? this.#looks + 1 : 1;
    this.#stood = stands;
    return this.#looks <= LOOKS;
  }
}
