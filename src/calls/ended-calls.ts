import type { Summarizable } from './summary.ts';

/**
 * The calls that ended lately, bounded in number. Where room is short, first goes what is too old to be shown, then the
 * oldest call of the key that holds most: no key can push out what another has few of.
 */
export interface EndedCalls {
  /** @param at now, in milliseconds since the epoch */
  add(call: Summarizable, at: number): void;
  /** The newest with this id, of this key; however old. */
  find(keyId: string, id: string): Summarizable | undefined;
  /** Calls of one key, or with null of all, in the order in which they ended; however old. */
  of(keyId: string | null): readonly EndedCall[];
}

/** A call that ended, and as which one since the start. */
export interface EndedCall {
  readonly number: number;
  readonly call: Summarizable;
}

/** A place in a circle that has one member more than it seems: its end, which is no call. */
interface Linked<T> {
  before: T;
  after: T;
}

/** What one key holds, in a circle with those that hold as many. */
interface CallShare extends Linked<CallShare> {
  readonly keyId: string;
  count: number;
  oldest: Entry | null;
  newest: Entry | null;
}

/** In the circle of all, by age. */
interface Entry extends Linked<Entry> {
  number: number;
  call: Summarizable | null;
  share: CallShare;
  laterOfKey: Entry | null;
}

/**
 * Every call comes through here and hardly one is asked for, so there is no index by id, and nothing is searched: shares
 * stand in circles by how much they hold, which changes by one at a time. An entry that gives way is used again for what
 * comes: a list of dead entries would keep their successors in memory until the next full collection.
 */
export function createEndedCalls(max: number, keepMs: number): EndedCalls {
  // No Map, for the reason of live-calls.ts. A key without calls has no share, so there are at most `max`.
  const shares = Object.create(null) as Record<string, CallShare>;
  const byCount: CallShare[] = [];
  const all = createEntry(createShare(''));
  let size = 0;
  let most = 0;
  let count = 0;

  const rank = (share: CallShare, count: number): void => {
    leave(share);
    share.count = count;
    byCount[count] ??= createShare('');
    if (count > 0) join(share, byCount[count]);
    // Counts change by one: the one that left the top alone is next below it.
    if (count > most || byCount[most]?.after === byCount[most]) most = count;
  };
  const shareToCut = (keyId: string, at: number): CallShare => {
    const oldest = all.after;
    if (at - (oldest.call?.endedAt ?? at) > keepMs) return oldest.share;
    const own = shares[keyId];
    return own !== undefined && own.count + 1 >= most ? own : (byCount[most]?.after ?? oldest.share);
  };
  const cut = (share: CallShare): Entry => {
    const entry = share.oldest ?? all;
    share.oldest = entry.laterOfKey;
    leave(entry);
    rank(share, share.count - 1);
    if (share.count === 0) delete shares[share.keyId];
    return entry;
  };
  return {
    add(call, at) {
      const keyId = call.key.id;
      const entry = size < max ? createEntry(all.share) : cut(shareToCut(keyId, at));
      if (size < max) size++;
      shares[keyId] ??= createShare(keyId);
      const share = shares[keyId];
      entry.number = ++count;
      entry.call = call;
      entry.share = share;
      entry.laterOfKey = null;
      join(entry, all);
      if (share.oldest === null || share.newest === null) share.oldest = entry;
      else share.newest.laterOfKey = entry;
      share.newest = entry;
      rank(share, share.count + 1);
    },
    find(keyId, id) {
      let found: Summarizable | undefined;
      for (let entry = shares[keyId]?.oldest ?? null; entry !== null; entry = entry.laterOfKey) {
        if (entry.call?.id === id) found = entry.call;
      }
      return found;
    },
    of(keyId) {
      const found: EndedCall[] = [];
      const first = keyId === null ? all.after : (shares[keyId]?.oldest ?? null);
      for (let entry = first; entry !== null && entry.call !== null; ) {
        found.push({ number: entry.number, call: entry.call });
        entry = keyId === null ? entry.after : entry.laterOfKey;
      }
      return found;
    },
  };
}

function createShare(keyId: string): CallShare {
  const share = { keyId, count: 0, oldest: null, newest: null } as unknown as CallShare;
  share.before = share;
  share.after = share;
  return share;
}

function createEntry(share: CallShare): Entry {
  const entry = { number: 0, call: null, share, laterOfKey: null } as unknown as Entry;
  entry.before = entry;
  entry.after = entry;
  return entry;
}

function leave<T extends Linked<T>>(one: T): void {
  one.before.after = one.after;
  one.after.before = one.before;
}

/** As the last before the end. */
function join<T extends Linked<T>>(one: T, end: T): void {
  one.before = end.before;
  one.after = end;
  end.before.after = one;
  end.before = one;
}
