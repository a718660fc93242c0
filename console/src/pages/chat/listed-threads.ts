import type { ThreadPage } from '../../feed/threads.ts';

/** What was erased on this page; a list that is asked for in pages does not say what is gone from it. */
const erased = new Set<string>();

/** A conversation is gone from the gateway. */
export function noteErased(id: string): void {
  erased.add(id);
}

/** A list with the page behind it. */
export function withOlder({ data }: ThreadPage, older: ThreadPage): ThreadPage {
  const ids = new Set(data.map(({ id }) => id));
  return { data: [...data, ...older.data.filter(({ id }) => !ids.has(id))], has_more: older.has_more };
}

/**
 * A list with its first page as it is now: what was used meanwhile has moved up, and what it pushed off that page stays
 * behind it. Where so much has changed that others may stand between the two, that page alone.
 */
export function withNewest(shown: ThreadPage, newest: ThreadPage): ThreadPage {
  const last = newest.data.at(-1);
  const times = new Map(newest.data.map(({ id, updated_at: at }) => [id, at]));
  const isOneList = shown.data.some(({ id, updated_at: at }) => times.get(id) === at);
  if (!newest.has_more || last === undefined || !isOneList) return newest;
  // What was used after the last of that page and is not on it was erased elsewhere.
  const isBehind = ({ id, updated_at: at }: (typeof shown.data)[number]): boolean =>
    !times.has(id) && at <= last.updated_at && !erased.has(id);
  return { data: [...newest.data, ...shown.data.filter(isBehind)], has_more: shown.has_more };
}
