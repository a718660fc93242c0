import { type AnswerParts, partsAt } from './parts.ts';
import { type Attachment, filesOf } from './question.ts';
import { type ResponseItem, type Turn, textOf } from './turn.ts';

/** Stands for the place before the first item of a conversation. */
export const START = 'start';

/** One thing that was said, by the reader or a model. */
export interface Said extends AnswerParts {
  /** Stays while it is on the page, also when its id becomes known. */
  readonly key: string;
  /** Of its item; null until it is stored. */
  readonly id: string | null;
  /** Id of the item before it, or {@link START}; null while that is not known. */
  readonly before: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly files: readonly Attachment[];
  /** Of an answer of this visit: how it came about. */
  readonly turn: Turn | null;
}

/** What items say, in their order. @param before id of the item before the first of them, {@link START}, or null */
export function saidOf(items: readonly ResponseItem[], before: string | null): readonly Said[] {
  return items.flatMap((item, at) => {
    const { id = null } = item;
    const role = roleAt(items, at);
    if (role === null) return [];
    const last = at === 0 ? before : (items[at - 1]?.id ?? null);
    const key = id ?? `${before}-${at}`;
    const text = item.type === 'message' ? textOf(item) : '';
    return [{ key, id, before: last, role, text, files: filesOf(item), ...partsAt(items, at), turn: null }];
  });
}

/** Who says something with an item; null where it belongs to what another one says. Thoughts that no words follow are an answer. */
function roleAt(items: readonly ResponseItem[], at: number): Said['role'] | null {
  const { type, role } = items[at] ?? {};
  if (type === 'message') return role === 'user' || role === 'assistant' ? role : null;
  const next = items[at + 1];
  const isLast = next === undefined || (next.type === 'message' && next.role === 'user');
  return type === 'reasoning' && isLast ? 'assistant' : null;
}

/** An answer of this visit, as it stands. */
export function toAnswer(turn: Turn, key: string): Said {
  const { text, reasoning, sources, origin } = turn;
  return { key, id: null, before: null, role: 'assistant', text, files: [], reasoning, sources, origin, turn };
}

/** What was said before, in front of what is shown. @param last id of the last item of it */
export function withOlder(older: readonly Said[], shown: readonly Said[], last: string | null): readonly Said[] {
  const [first, ...rest] = shown;
  if (first === undefined) return older;
  const end = older.at(-1);
  // The thoughts of what is shown first were on the page before it.
  if (end && end.role === 'assistant' && end.text === '' && first.role === 'assistant')
    return [
      ...older.slice(0, -1),
      { ...first, before: first.before ?? last, reasoning: end.reasoning || first.reasoning },
      ...rest,
    ];
  return [...older, { ...first, before: first.before ?? last }, ...rest];
}

/** What was said in this visit, with the ids and the words that the store has for it; from the end, as far as they agree. */
export function withStored(shown: readonly Said[], stored: readonly Said[]): readonly Said[] {
  const next = [...shown];
  const known = new Set(shown.map(({ id }) => id));
  for (let back = 1; back <= Math.min(shown.length, stored.length); back++) {
    const [mine, theirs] = [shown.at(-back), stored.at(-back)];
    if (!mine || !theirs || mine.id !== null || mine.role !== theirs.role || !theirs.text.startsWith(mine.text)) break;
    // One that failed before its first word begins as every other does.
    if (known.has(theirs.id)) break;
    next[shown.length - back] = { ...mine, id: theirs.id, before: theirs.before ?? mine.before, text: theirs.text };
  }
  return next;
}
