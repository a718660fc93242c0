import { type Operation, rowsOf } from '../database/operation.ts';
import { recordOf } from '../protocol/json.ts';
import { findKey } from './kept-keys.ts';
import { findOrg } from './kept-orgs.ts';
import { type GovernedScope, toGoverned } from './limits.ts';
import { type KeptAudit, toKeptAudit } from './records.ts';

/** A scope with the limits that it has now. */
export type ChangedScope = Pick<GovernedScope, 'id' | 'version' | 'limits'>;

/** What was changed that the limits in memory, and so the calls in flight, should know. */
export interface LimitChanges {
  /** Keys and organisations with other limits. */
  readonly scopes: readonly ChangedScope[];
  /** The scopes of keys of which a window was begun anew. */
  readonly resets: readonly string[];
  /** The scopes of keys and organisations that were deleted. */
  readonly gone: readonly string[];
}

/**
 * What limits were changed after an entry of the audit, as they are now.
 * @param resetsSince the entry after which windows that were begun anew are told
 */
export function* limitsChangedSince(seq: number, resetsSince: number): Operation<LimitChanges> {
  const rows = yield* rowsOf(
    "SELECT * FROM audit WHERE seq > ? AND action IN ('key.changed', 'key.joined', 'org.changed', 'key.reset') ORDER BY seq",
    Math.min(seq, resetsSince),
  );
  const entries = rows.map(toKeptAudit);
  const changed = entries.filter((entry) => entry.seq > seq && 'limits' in recordOf(entry.change));
  const subjects = new Map(changed.map((entry) => [scopeOf(entry), entry]));
  const scopes: ChangedScope[] = [];
  for (const [id, { action, subject }] of subjects) {
    const found = action === 'org.changed' ? yield* findOrg(subject) : yield* findKey(subject, null);
    if (found !== null) scopes.push({ id, version: found.version, limits: toGoverned(found.limits) });
  }
  const resets = entries.filter(({ action, seq: at }) => action === 'key.reset' && at > resetsSince);
  return { scopes, resets: [...new Set(resets.map(({ subject }) => `key:${subject}`))], gone: yield* goneSince(seq) };
}

function scopeOf({ action, subject }: KeptAudit): string {
  return `${action === 'org.changed' ? 'org' : 'key'}:${subject}`;
}

/** There may be thousands, where an organisation was deleted: nothing is read of them but which they were. */
function* goneSince(seq: number): Operation<readonly string[]> {
  const rows = yield* rowsOf(
    "SELECT action, subject FROM audit WHERE seq > ? AND action IN ('key.deleted', 'org.deleted')",
    seq,
  );
  return rows.map(({ action, subject }) => `${action === 'key.deleted' ? 'key' : 'org'}:${subject}`);
}
