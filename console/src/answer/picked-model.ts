import { signal } from '@preact/signals';
import { keepDraft, readDraft } from '../app/drafts.ts';

/** Which model the reader has picked last; empty for none. */
export const picked = signal(readDraft('model'));

/** Picks a model, also for conversations to come. */
export function pick(id: string): void {
  picked.value = id;
  keepDraft('model', id);
}
