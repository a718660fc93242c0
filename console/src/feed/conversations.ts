import { createParser } from 'eventsource-parser';
import type { ResponseEvent, ResponseFacts, ResponseItem } from '../answer/turn.ts';
import { getJson, send } from './client.ts';

/** A conversation in the list. */
export interface Thread {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Id of the response that is being answered; else null. */
  readonly running: string | null;
}

interface ItemPage {
  readonly data: readonly ResponseItem[];
  readonly has_more: boolean;
  readonly last_id: string | null;
}

/** The conversations used last. */
export async function listThreads(abort: AbortSignal): Promise<readonly Thread[]> {
  return (await getJson<{ data: readonly Thread[] }>('/v1/conversations?limit=50', abort)).data;
}

/** Makes a conversation. @throws ApiError */
export async function createThread(title: string): Promise<Thread> {
  const body = JSON.stringify({ metadata: { title } });
  return (await send('/v1/conversations', { method: 'POST', body, headers: JSON_BODY })).json() as Promise<Thread>;
}

/** All that was said, in its order. */
export async function listItems(id: string, abort: AbortSignal): Promise<readonly ResponseItem[]> {
  const items: ResponseItem[] = [];
  let after = '';
  for (;;) {
    const page = await getJson<ItemPage>(`/v1/conversations/${id}/items?order=asc&limit=100${after}`, abort);
    items.push(...page.data);
    if (!page.has_more || page.last_id === null) return items;
    after = `&after=${encodeURIComponent(page.last_id)}`;
  }
}

/** What a response was asked, which is no part of the conversation until it is answered. */
export async function listInput(id: string, abort: AbortSignal): Promise<readonly ResponseItem[]> {
  return (await getJson<ItemPage>(`/v1/responses/${id}/input_items?order=asc`, abort)).data;
}

/** A response as it is stored. */
export function readResponse(id: string): Promise<ResponseFacts> {
  return getJson(`/v1/responses/${id}`);
}

const JSON_BODY = { 'content-type': 'application/json' };

/** What is asked, in a conversation. */
export interface Question {
  readonly conversation: string;
  readonly model: string;
  readonly input: string;
  /** Under which the call can be ended before anything has come back. */
  readonly requestId: string;
}

/** Asks, and gives the events of the answer, which runs to its end whoever reads. @throws ApiError before the first */
export async function* ask({ requestId, ...asked }: Question, abort: AbortSignal): AsyncGenerator<ResponseEvent> {
  const headers = { ...JSON_BODY, 'x-request-id': requestId, 'x-sluice-save-partial': 'true' };
  const body = JSON.stringify({ ...asked, background: true, stream: true });
  yield* eventsOf(await send('/v1/responses', { method: 'POST', body, headers, signal: abort }));
}

/** The events after one that is known; -1 for all. @throws ApiError */
export async function* takeUp(id: string, after: number, abort: AbortSignal): AsyncGenerator<ResponseEvent> {
  const from = after < 0 ? '' : `&starting_after=${after}`;
  yield* eventsOf(await send(`/v1/responses/${id}?stream=true${from}`, { method: 'GET', signal: abort }));
}

/** Ends an answer; what was said stays. @throws ApiError 409 `request_completed` when it was finished before */
export async function endAnswer(requestId: string): Promise<void> {
  await send(`/v1/requests/${encodeURIComponent(requestId)}`, { method: 'DELETE' });
}

async function* eventsOf({ body }: Response): AsyncGenerator<ResponseEvent> {
  if (body === null) return;
  const found: ResponseEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => data !== '[DONE]' && found.push(JSON.parse(data) as ResponseEvent),
  });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(value);
    yield* found.splice(0);
  }
}
