import type { Attachment } from './question.ts';
import type { Said } from './said.ts';

/** A request once more: what was said before an answer, and how it is to be answered. */
export interface AskedAgain {
  readonly model: string;
  readonly messages: readonly AskedMessage[];
  /** Other fields of `POST /v1/responses`, such as `instructions`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One thing that was said before. */
export interface AskedMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly files: readonly Attachment[];
}

/** What was said before an answer. @param key of the answer */
export function messagesBefore(said: readonly Said[], key: string): AskedAgain['messages'] {
  const at = said.findIndex((one) => one.key === key);
  const before = at < 0 ? said : said.slice(0, at);
  return before.map(({ role, text, files }) => ({ role, text, files }));
}
