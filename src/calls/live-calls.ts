import type { Call } from './call.ts';

/** A call's place in the list of its key, and in that of all keys. */
export interface CallPlace {
  readonly receivedAt: number;
  readonly id: string;
  readonly keyId: string;
}

/** Where this call stands. */
export function placeOf({ receivedAt, id, key }: Pick<Call, 'receivedAt' | 'id' | 'key'>): CallPlace {
  return { receivedAt, id, keyId: key.id };
}

/** The calls in flight. Two keys may use the same id. */
export interface LiveCalls {
  readonly size: number;
  /** The one with this id, of this key. */
  find(keyId: string, id: string): Call | undefined;
  add(call: Call): void;
  remove(call: Call): void;
  /** Calls of one key, or with null of all, as they came; from the place of one on, which need not be there any more. */
  of(keyId: string | null, after: CallPlace | null): readonly Call[];
  all(): readonly Call[];
}

/**
 * Objects without a prototype, and no Map: one that is filled and emptied all the time moves to a new table every few
 * calls, and V8 has each old table point to the next. A dead table in the old generation then keeps all later ones, and
 * the calls in them, until the next full collection: three times as much survived each young one (1.2 KB a call).
 */
type ById = Record<string, Call>;

export function createLiveCalls(): LiveCalls {
  const byKey = new Map<string, ById>();
  let size = 0;
  const find = (keyId: string, id: string): Call | undefined => byKey.get(keyId)?.[id];
  const all = (): Call[] => [...byKey.values()].flatMap((own) => Object.values(own));
  return {
    get size() {
      return size;
    },
    find,
    add(call) {
      const own = byKey.get(call.key.id) ?? (Object.create(null) as ById);
      byKey.set(call.key.id, own);
      own[call.id] = call;
      size++;
    },
    remove(call) {
      if (find(call.key.id, call.id) !== call) return;
      delete byKey.get(call.key.id)?.[call.id];
      size--;
    },
    of(keyId, after) {
      const calls = keyId === null ? all() : Object.values(byKey.get(keyId) ?? {});
      const later = after === null ? calls : calls.filter((call) => byArrival(placeOf(call), after) > 0);
      // Objects put ids that are numbers first.
      return later.sort((one, other) => byArrival(placeOf(one), placeOf(other)));
    },
    all,
  };
}

/** Ids, then keys tell apart what came at the same time: an order that every page finds again. */
function byArrival(one: CallPlace, other: CallPlace): number {
  return one.receivedAt - other.receivedAt || compare(one.id, other.id) || compare(one.keyId, other.keyId);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
