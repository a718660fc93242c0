import { signal } from '@preact/signals';
import type { Column } from '../../answer/column.ts';
import { isOpen } from '../../answer/turn.ts';

/** One question to two models. */
export interface Comparison {
  readonly question: string;
  /** In the order in which they are shown. */
  readonly columns: readonly [Column, Column];
  /** The names of the models are hidden. */
  readonly isBlind: boolean;
}

/** The one on the page; it goes on while another page is looked at, and is gone with a reload. */
export const comparison = signal<Comparison | null>(null);

/** True while there is more to come. */
export function isComparing(): boolean {
  return comparison.value?.columns.some(({ answer }) => isOpen(answer.value)) === true;
}

/** Ends what still runs. */
export function stopAll(): void {
  for (const column of comparison.peek()?.columns ?? []) void column.stop();
}

/** Shows who is who. */
export function reveal(): void {
  const now = comparison.peek();
  if (now !== null) comparison.value = { ...now, isBlind: false };
}
