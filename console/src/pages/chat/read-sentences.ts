import { signal } from '@preact/signals';
import { keepDraft, readDraft } from '../../app/drafts.ts';

const NAME = 'read-sentences';

/** Whether screen readers read an answer while it comes, sentence by sentence; in all conversations of this browser. */
export const readsSentences = signal(readDraft(NAME) !== '');

/** Has them read, or not. */
export function setReadSentences(reads: boolean): void {
  readsSentences.value = reads;
  keepDraft(NAME, reads ? 'yes' : '');
}
