import type { CompletionChunk, CompletionHead } from '../answer/completion.ts';
import type { ResponseItem } from '../answer/turn.ts';
import { ApiError, getJson, send } from './client.ts';
import { bodyOf, type LoneQuestion } from './lone-question.ts';
import { whenWelcome } from './readiness.ts';
import { findRecord } from './records.ts';
import { jsonEvents } from './sse.ts';
import type { CallSummary, EndedBody } from './wire.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/**
 * Asks without keeping anything, and gives the head of the answer and its chunks. While a key is wanted or the gateway
 * restarts, the question waits.
 * @param id under which the call can be ended before anything has come back
 * @throws ApiError before the first chunk, and where the gateway says in mid-stream that the answer failed
 */
export async function complete(
  asked: LoneQuestion,
  id: string,
  signal: AbortSignal,
): Promise<{ head: CompletionHead; chunks: AsyncGenerator<CompletionChunk> }> {
  const body = JSON.stringify({ ...bodyOf(asked), stream: true, stream_options: { include_usage: true } });
  const headers = { ...JSON_BODY, 'x-request-id': id };
  const init = { method: 'POST', body, headers, signal };
  const response = await whenWelcome(() => send('/v1/chat/completions', init), signal);
  const dropped = response.headers.get('x-sluice-dropped-params')?.split(',') ?? [];
  const head = { model: response.headers.get('x-sluice-model'), dropped: dropped.map((name) => name.trim()) };
  return { head, chunks: chunksOf(response, id) };
}

async function* chunksOf(response: Response, requestId: string): AsyncGenerator<CompletionChunk> {
  for await (const chunk of jsonEvents<CompletionChunk>(response)) {
    if (chunk.error) throw new ApiError(chunk.error.message, { status: 0, code: chunk.error.code, requestId });
    yield chunk;
  }
}

/** Makes a conversation of what was said. @returns its id @throws ApiError 404 where the gateway keeps none */
export async function keepSaid(
  metadata: Readonly<Record<string, string>>,
  items: readonly ResponseItem[],
): Promise<string> {
  const body = JSON.stringify({ metadata, items });
  const response = await send('/v1/conversations', { method: 'POST', headers: JSON_BODY, body });
  return ((await response.json()) as { readonly id: string }).id;
}

/** What is on record of one's own call that has just ended; null where nothing is: it was refused before it became one. */
export async function readRecord(id: string): Promise<EndedBody | null> {
  const second = await secondOf(id);
  if (second === null) return null;
  return findRecord({ id, created_at: second }, true, new AbortController().signal);
}

/** When one's own call came, in whole seconds since the epoch; null where it is none. */
export async function secondOf(id: string): Promise<number | null> {
  try {
    const { created_at: at } = await getJson<CallSummary>(`/v1/requests/${encodeURIComponent(id)}`);
    return Math.floor(Date.parse(at) / 1000);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
