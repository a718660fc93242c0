import type { AuditPage } from '../../feed/audit.ts';
import type { AuditBody } from '../../feed/wire.ts';

/** The entries that are known, the newest first and none left out. */
export interface AuditList {
  readonly rows: readonly AuditBody[];
  /** Where the older ones begin; null where there are none. */
  readonly next: string | null;
}

/** Before anything has come. */
export const NO_ENTRIES: AuditList = { rows: [], next: null };

/** With the newest page as it is now. Where more was done since than a page holds, the list begins anew. */
export function withNewest(list: AuditList, { data, next_cursor: next }: AuditPage): AuditList {
  const known = new Set(list.rows.map(({ id }) => id));
  const fresh = data.filter(({ id }) => !known.has(id));
  if (fresh.length === data.length) return { rows: data, next };
  return fresh.length === 0 ? list : { ...list, rows: [...fresh, ...list.rows] };
}

/** With the page that was asked for by this cursor; as it was, where the list has begun anew meanwhile. */
export function withOlder(list: AuditList, { data, next_cursor: next }: AuditPage, after: string): AuditList {
  return list.next === after ? { rows: [...list.rows, ...data], next } : list;
}
