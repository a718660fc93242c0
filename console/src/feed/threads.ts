import { getJson, send } from './client.ts';
import { whenWelcome } from './readiness.ts';

type Metadata = Readonly<Record<string, string>>;

/** A conversation, without what was said in it. Times are seconds since the epoch. */
export interface Thread {
  readonly id: string;
  readonly created_at: number;
  readonly metadata: Metadata | null;
}

/** A conversation in the list. */
export interface ListedThread extends Thread {
  readonly updated_at: number;
  /** Id of the response that is being answered; else null. */
  readonly running: string | null;
}

/** So many are listed at once: the most that the gateway does. */
export const PAGE = 100;

/** Conversations, the one that was used last first. */
export interface ThreadPage {
  readonly data: readonly ListedThread[];
  /** Whether there are older ones. */
  readonly has_more: boolean;
}

/**
 * The conversations used last, or last before one of them. @param words all of them are in the title or in one item; empty
 * for any @param after its id @throws ApiError 400 where that one is gone
 */
export function listThreads(words: string, abort?: AbortSignal, after?: string): Promise<ThreadPage> {
  const query = words.trim() === '' ? '' : `&q=${encodeURIComponent(words)}`;
  return getJson(`/v1/conversations?limit=${PAGE}${query}${after ? `&after=${after}` : ''}`, abort);
}

/** The conversations of a family (`families.ts`), those used last first. */
export async function listFamily(family: string, abort?: AbortSignal): Promise<readonly ListedThread[]> {
  const pair = `${encodeURIComponent('metadata[family]')}=${encodeURIComponent(family)}`;
  return (await getJson<ThreadPage>(`/v1/conversations?limit=${PAGE}&${pair}`, abort)).data;
}

/** One conversation. @throws ApiError */
export function readThread(id: string, abort?: AbortSignal): Promise<Thread> {
  return getJson(`/v1/conversations/${id}`, abort);
}

/** Makes a conversation. @throws ApiError */
export function createThread(metadata: Metadata, abort?: AbortSignal): Promise<Thread> {
  return post('/v1/conversations', { metadata }, abort);
}

/** Makes a conversation of what was said up to an item of another. @throws ApiError */
export function forkThread(id: string, afterItem: string, metadata: Metadata): Promise<Thread> {
  return post(`/v1/conversations/${id}/fork`, { after_item: afterItem, metadata });
}

/** Gives a conversation another title. @throws ApiError */
export function renameThread({ id, metadata }: Thread, title: string): Promise<Thread> {
  return post(`/v1/conversations/${id}`, { metadata: { ...metadata, title } });
}

/** Erases a conversation with all that was said. @throws ApiError */
export async function removeThread(id: string): Promise<void> {
  await send(`/v1/conversations/${id}`, { method: 'DELETE' });
}

/** All of a conversation as a file. @throws ApiError */
export async function exportThread(id: string, format: 'md' | 'json'): Promise<Blob> {
  return (await send(`/v1/conversations/${id}/export?format=${format}`, { method: 'GET' })).blob();
}

/** It waits while a key is wanted or the gateway restarts. */
async function post(path: string, body: object, abort?: AbortSignal): Promise<Thread> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', body: JSON.stringify(body), headers, ...(abort && { signal: abort }) };
  return (await whenWelcome(() => send(path, init), abort)).json() as Promise<Thread>;
}
