import { ApiError, getJson, send } from './client.ts';
import { listEnded } from './records.ts';
import type { CallSummary, EndedBody, MeBody } from './wire.ts';

/** A call wherever it is found: in flight, or ended with what it cost. */
export type SomeCall = CallSummary | EndedBody;

/** A page of a list. */
export interface CallPage<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** The calls in flight, the oldest first. @param all those of every key, for an admin */
export function listInFlight(all: boolean, abort: AbortSignal): Promise<CallPage<CallSummary>> {
  return getJson(`/v1/requests?limit=200${all ? '&all=true' : ''}`, abort);
}

/** One call: in flight, else in the log of what has ended. Null when it is in neither. @param owner as {@link ownerOf}; null where it is not known */
export async function findCall(
  id: string,
  owner: string | null,
  viewer: Onlooker,
  abort: AbortSignal,
): Promise<SomeCall | null> {
  const whose = whoseCalls(owner, viewer);
  const isMeant = (call: SomeCall): boolean => owner === null || ownerOf(call) === owner;
  const found = await findInFlight(id, whose, abort);
  const recent = found !== null && isMeant(found) ? found : null;
  if (recent !== null && !hasEnded(recent)) return recent;
  const query = new URLSearchParams({ id, limit: '1', ...whose });
  return (await listEnded(query, abort)).data.find(isMeant) ?? recent;
}

/** Who looks, as far as it matters whose calls are seen. */
type Onlooker = Pick<MeBody['key'], 'name' | 'hash' | 'is_admin'>;

/** How the API is told whose calls are meant: one's own where nothing is said, and where others are not to be seen. */
function whoseCalls(
  owner: string | null,
  { name, hash, is_admin: isAdmin }: Onlooker,
): Readonly<Record<string, string>> {
  if (!isAdmin || owner === (hash ?? name)) return {};
  return owner === null ? { all: 'true' } : { key: owner };
}

/** Also one that has ended a moment ago. */
async function findInFlight(
  id: string,
  { all, ...whose }: Readonly<Record<string, string>>,
  abort: AbortSignal,
): Promise<CallSummary | null> {
  const { key } = whose;
  const findAmongAll = async (): Promise<CallSummary | null> => {
    const { data } = await listInFlight(true, abort);
    return data.find((call) => call.id === id && (key === undefined || ownerOf(call) === key)) ?? null;
  };
  if (all !== undefined) return findAmongAll();
  try {
    return await getJson(`/v1/requests/${encodeURIComponent(id)}?${new URLSearchParams(whose)}`, abort);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    // A key of the file that serves several organisations is a caller of its own for each, which the name does not tell.
    return key === undefined ? null : findAmongAll();
  }
}

/** Whether nothing of it changes any more. */
export function hasEnded({ state }: SomeCall): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** Ends a call, one's own or, for an admin, of another key. @throws ApiError 409 `request_completed` when it was finished before */
export async function cancelCall(call: SomeCall, viewer: Onlooker): Promise<void> {
  const { id, key, org, key_hash: hash } = call;
  const cancel = (owner: string): Promise<Response> =>
    send(`/v1/requests/${encodeURIComponent(id)}?${new URLSearchParams(whoseCalls(owner, viewer))}`, {
      method: 'DELETE',
    });
  try {
    await cancel(ownerOf(call));
  } catch (error) {
    const isElsewhere = error instanceof ApiError && error.code === 'request_not_found';
    if (!isElsewhere || org === undefined || hash !== undefined) throw error;
    // A key of the file that serves several organisations is a caller of its own for each.
    await cancel(`org:${org}/${key}`);
  }
}

/** How the API names the key of a call. */
export function ownerOf({ key, key_hash: hash }: SomeCall): string {
  return hash ?? key;
}

/** What tells a call from others: two keys may use one id. */
export function nameOf(call: SomeCall): string {
  return `${ownerOf(call)}\n${call.id}`;
}

/** Where a call is shown, below `/console`. */
export function pathOf(call: SomeCall): string {
  return `/calls/${encodeURIComponent(call.id)}?owner=${encodeURIComponent(ownerOf(call))}`;
}
