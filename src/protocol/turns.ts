/** Work that comes in steps of a few milliseconds at most; between two of them the event loop may turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all steps at once, as small requests have it. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Does the steps one by one, so that a large request keeps no other one waiting.
 * @param turn resolves when the event loop has turned
 */
export async function inTurns<T>(steps: Steps<T>, turn: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await turn();
  }
}
