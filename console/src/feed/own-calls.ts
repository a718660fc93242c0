import { send, toApiError } from './client.ts';

/** An id for a call that is about to be sent: under it the call can be ended before anything has come back. */
export function newCallId(): string {
  return `console_${randomId()}`;
}

/** There is no `randomUUID` where a page comes over plain HTTP. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('');
}

/** A call that was sent a moment ago may not have come yet. */
const ARRIVAL_MS = 300;

/** Ends one's own call by the id it was sent with. @throws ApiError 409 `request_completed` when it was finished before */
export async function endCall(id: string): Promise<void> {
  const end = (): Promise<Response> => send(`/v1/requests/${encodeURIComponent(id)}`, { method: 'DELETE' });
  try {
    await end();
  } catch (error) {
    if (toApiError(error).code !== 'request_not_found') throw error;
    await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
    await end();
  }
}
