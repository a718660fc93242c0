import { type Source, sourcesOf } from './sources.ts';
import type { ResponseItem } from './turn.ts';

/** The response that said something: its id is that of its call. */
export interface Origin {
  readonly id: string;
  /** When it was asked, in seconds since the epoch. */
  readonly created_at: number;
}

/** What there is of an answer beside its words. */
export interface AnswerParts {
  /** What was thought, as far as it is shown. */
  readonly reasoning: string;
  readonly sources: readonly Source[];
  /** Null where that is not known: the response has expired, or was never kept. */
  readonly origin: Origin | null;
}

/** Of what is no answer. */
export const NO_PARTS: AnswerParts = { reasoning: '', sources: [], origin: null };

/** What belongs to the message at a place: what was thought since the message before it, its citations, and its origin. */
export function partsAt(items: readonly ResponseItem[], at: number): AnswerParts {
  const message = items[at];
  if (message === undefined || (message.role !== 'assistant' && message.type !== 'reasoning')) return NO_PARTS;
  // Where no words follow, the last thought stands for them.
  const before = items.slice(0, message.type === 'reasoning' ? at + 1 : at);
  const thoughts = before.slice(before.findLastIndex(({ type }) => type === 'message') + 1);
  return { reasoning: reasoningOf(thoughts), sources: citedIn([message]), origin: message.said_by ?? null };
}

/** All that was thought, in paragraphs. */
export function reasoningOf(items: readonly ResponseItem[]): string {
  return items
    .filter(({ type }) => type === 'reasoning')
    .map(thoughtOf)
    .filter((text) => text !== '')
    .join('\n\n');
}

/** Raw thoughts where a model shows them, else their summary. */
function thoughtOf({ content, summary }: ResponseItem): string {
  const raw = typeof content === 'object' ? content : [];
  const parts = raw.length > 0 ? raw : (summary ?? []);
  return parts.map(({ text = '' }) => text).join('\n\n');
}

/** The pages that messages cite. */
export function citedIn(items: readonly ResponseItem[]): readonly Source[] {
  const messages = items.filter(({ type }) => type === 'message');
  const found = sourcesOf(messages.flatMap(({ content }) => (typeof content === 'object' ? content : [])));
  // One empty list for all answers without a source: what is drawn with it stays as it is.
  return found.length === 0 ? NO_PARTS.sources : found;
}
