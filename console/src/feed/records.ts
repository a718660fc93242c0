import type { CallPage } from './calls.ts';
import { getJson } from './client.ts';
import type { CallSummary, EndedBody } from './wire.ts';

/** Records are written a moment after their call has ended: the waits before each look for one. */
const RECORD_WAITS_MS = [0, 300, 700, 1500, 3000, 6000, 12_000];

/** Ended calls, the newest first. @param query filters by the names of the API */
export function listEnded(query: URLSearchParams, abort?: AbortSignal): Promise<CallPage<EndedBody>> {
  return getJson(`/v1/requests?state=ended&${query}`, abort);
}

/**
 * What is on record of one's own call that has ended; null where nothing is. @param created_at when it came, in seconds
 * since the epoch @param isFresh it has just ended: what is not there yet is waited for
 */
export async function findRecord(
  { id, created_at: second }: { readonly id: string; readonly created_at: number },
  isFresh: boolean,
  abort: AbortSignal,
): Promise<EndedBody | null> {
  // Around that second, which may be rounded up or down: the log is not searched as a whole.
  const query = new URLSearchParams({ id, from: String(second - 1), to: String(second + 2), limit: '1' });
  for (const waitMs of isFresh ? RECORD_WAITS_MS : [0]) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const [found] = (await listEnded(query, abort)).data;
    if (found !== undefined) return found;
  }
  return null;
}

/** One's own call while it runs. @throws ApiError 404 once it is forgotten */
export function readCall(id: string, abort: AbortSignal): Promise<CallSummary> {
  return getJson(`/v1/requests/${encodeURIComponent(id)}`, abort);
}
