import type { ResponseEvent, ResponseFacts } from '../answer/turn.ts';
import { send } from './client.ts';
import { whenWelcome } from './readiness.ts';
import { jsonEvents } from './sse.ts';

/** What is asked, in a conversation. */
export interface AskedResponse {
  readonly conversation: string;
  readonly model: string;
  readonly input: unknown;
  /** Other fields of the request, by the names of the API. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Under which the call can be ended before anything has come back. */
  readonly requestId: string;
  /** Whether what was said joins the conversation where the answer fails or is stopped. */
  readonly keepsPartial: boolean;
}

/**
 * Asks, and gives the events of the answer, which runs to its end with or without a reader. While a key is wanted or the
 * gateway restarts, the question waits. @throws ApiError before the first event
 */
export async function* ask(asked: AskedResponse, abort: AbortSignal): AsyncGenerator<ResponseEvent> {
  yield* jsonEvents<ResponseEvent>(await post(asked, true, abort));
}

/** Asks without a stream; the response as it is accepted. @throws ApiError */
export async function askWhole(asked: AskedResponse, abort: AbortSignal): Promise<ResponseFacts> {
  return (await post(asked, false, abort)).json() as Promise<ResponseFacts>;
}

function post(
  { requestId, keepsPartial, fields, ...asked }: AskedResponse,
  isStreamed: boolean,
  abort: AbortSignal,
): Promise<Response> {
  const partial = { 'x-sluice-save-partial': String(keepsPartial) };
  const headers = { 'content-type': 'application/json', 'x-request-id': requestId, ...partial };
  const body = JSON.stringify({ ...fields, ...asked, background: true, stream: isStreamed });
  return whenWelcome(() => send('/v1/responses', { method: 'POST', body, headers, signal: abort }), abort);
}

/** The events after one that is known; -1 for all. @throws ApiError */
export async function* takeUp(id: string, after: number, abort: AbortSignal): AsyncGenerator<ResponseEvent> {
  const from = after < 0 ? '' : `&starting_after=${after}`;
  yield* jsonEvents<ResponseEvent>(
    await send(`/v1/responses/${id}?stream=true${from}`, { method: 'GET', signal: abort }),
  );
}
