import { getJson, send } from './client.ts';
import type { CallSummary, EndedBody } from './wire.ts';

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

/** Ended calls, the newest first. @param query filters by the names of the API */
export function listEnded(query: URLSearchParams, abort?: AbortSignal): Promise<CallPage<EndedBody>> {
  return getJson(`/v1/requests?state=ended&${query}`, abort);
}

/** One call: in flight or just ended, else looked for among the last thousand of the log. Null when it is in neither. */
export async function findCall(
  id: string,
  owner: string | null,
  all: boolean,
  abort: AbortSignal,
): Promise<SomeCall | null> {
  const inFlight = await listInFlight(all, abort);
  const isMeant = (call: SomeCall): boolean => call.id === id && (owner === null || ownerOf(call) === owner);
  const running = inFlight.data.find(isMeant);
  if (running !== undefined) return running;
  const query = new URLSearchParams({ limit: '1000', ...(all && { all: 'true' }) });
  return (await listEnded(query, abort)).data.find(isMeant) ?? null;
}

/** Ends a call, whose ever it is. @throws ApiError 409 `request_completed` when it was finished before */
export async function cancelCall(call: SomeCall): Promise<void> {
  await send(`/v1/requests/${encodeURIComponent(call.id)}?key=${encodeURIComponent(ownerOf(call))}`, {
    method: 'DELETE',
  });
}

/** How the API names the key of a call. */
export function ownerOf({ key, key_hash: hash }: SomeCall): string {
  return hash ?? key;
}

/** Where a call is shown, below `/console`. */
export function pathOf(call: SomeCall): string {
  return `/calls/${encodeURIComponent(call.id)}?owner=${encodeURIComponent(ownerOf(call))}`;
}
