const PREFIX = 'sluice-draft-';

/** What was written and not sent outlives a reload. @param thread an id, or `new` */
export function readDraft(thread: string): string {
  try {
    return localStorage.getItem(PREFIX + thread) ?? '';
  } catch {
    return '';
  }
}

/** Keeps what is written; an empty text is none. */
export function keepDraft(thread: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + thread);
    else localStorage.setItem(PREFIX + thread, text);
  } catch {
    // Storage is switched off: the text lasts as long as the page.
  }
}

/** Takes all of them away: another key may be used next. */
export function forgetDrafts(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  } catch {
    // Storage is switched off: there are none.
  }
}
