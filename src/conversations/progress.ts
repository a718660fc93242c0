import { type Operation, rowsOf } from '../database/operation.ts';

/** What a response that runs has said so far. */
export interface Progress {
  readonly owner: string;
  readonly id: string;
  /** Its output as a JSON list. */
  readonly output: string;
}

/** Puts down what responses have said so far; those that have ended stay as they are. */
export function* noteProgress(entries: readonly Progress[]): Operation<void> {
  for (const { owner, id, output } of entries) {
    yield* rowsOf(
      "UPDATE responses SET output = ? WHERE owner = ? AND id = ? AND status IN ('queued', 'in_progress')",
      ...[output, owner, id],
    );
  }
}
