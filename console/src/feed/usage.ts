import { ApiError, getJson, send } from './client.ts';
import type { MeBody, UsageBody } from './wire.ts';

/** Sums of the usage log. @param query by the names of the API @throws ApiError */
export function readSums(query: URLSearchParams, abort: AbortSignal): Promise<UsageBody> {
  return getJson(`/v1/usage?${query}`, abort);
}

/** The same as a table in a file. @throws ApiError, also where it has too many rows */
export async function exportSums(query: URLSearchParams): Promise<Blob> {
  const response = await send(`/v1/usage?${query}&format=csv`, { method: 'GET' });
  return response.blob();
}

/** Whether the reason for an error is that there is no usage log, and not that it cannot be read now. */
export async function isUsageOff(error: unknown, abort: AbortSignal): Promise<boolean> {
  if (!(error instanceof ApiError) || error.code !== 'usage_unavailable') return false;
  const { features } = await getJson<MeBody>('/v1/me', abort);
  return !features.usage;
}
