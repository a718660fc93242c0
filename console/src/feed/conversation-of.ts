import { ApiError, getJson } from './client.ts';

/** In which conversation a response was asked; null for one in none, or where it is not kept any more. @throws ApiError */
export async function readConversationOf(response: string, abort: AbortSignal): Promise<string | null> {
  try {
    const { conversation } = await getJson<Asked>(`/v1/responses/${encodeURIComponent(response)}`, abort);
    if (!conversation) return null;
    // A response outlives its conversation, and still names it.
    return (await getJson<{ readonly id: string }>(`/v1/conversations/${conversation.id}`, abort)).id;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

interface Asked {
  readonly conversation?: { readonly id: string } | null;
}
