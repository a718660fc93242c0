/** What was written and not sent outlives a reload. @param thread an id, or `new` */
export function readDraft(thread: string): string {
  try {
    return localStorage.getItem(`sluice-draft-${thread}`) ?? '';
  } catch {
    return '';
  }
}

/** Keeps what is written; an empty text is none. */
export function keepDraft(thread: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(`sluice-draft-${thread}`);
    else localStorage.setItem(`sluice-draft-${thread}`, text);
  } catch {
    // Storage is switched off: the text lasts as long as the page.
  }
}
