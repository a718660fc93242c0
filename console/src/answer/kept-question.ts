import { keepDraft, readDraft } from '../app/drafts.ts';
import { ApiError } from '../feed/client.ts';
import type { Asked } from './conversation.ts';
import { isEmpty } from './question.ts';
import type { Said } from './said.ts';
import { NO_SETTINGS } from './settings.ts';

/** Keeps a question until the gateway has it: a page that is left before then loses its words. Pictures and files are too large for that. */
export function keepUntilTaken(thread: string, { question: { text }, model, settings }: Asked): void {
  const asked: Asked = { question: { text, files: [] }, model, settings };
  keepDraft(nameOf(thread), isEmpty(asked.question) ? '' : JSON.stringify(asked));
}

/** The gateway has it. */
export function forgetKept(thread: string): void {
  keepDraft(nameOf(thread), '');
}

/** What a page that was left had sent and the gateway has not got; null where there is nothing. @param said what is stored */
export function keptUnsaid(thread: string, said: readonly Said[]): Asked | null {
  const asked = parsed(readDraft(nameOf(thread)));
  const last = said.findLast(({ role }) => role === 'user');
  return asked?.question.text === last?.text ? null : asked;
}

function nameOf(thread: string): string {
  return `sent-${thread}`;
}

function parsed(kept: string): Asked | null {
  try {
    const asked = JSON.parse(kept) as Partial<Asked> | null;
    if (!asked?.question || !asked.model || !asked.settings) return null;
    // One that was kept before there was a setting has it as it is at the beginning.
    return { ...(asked as Asked), settings: { ...NO_SETTINGS, ...asked.settings } };
  } catch {
    // Nothing was kept, or by a version that wrote something else.
    return null;
  }
}

/** A question that did not come to the gateway, by what was done on the page. */
export function notTaken(message: string): ApiError {
  return new ApiError(message, { status: 0, code: null, requestId: null });
}
