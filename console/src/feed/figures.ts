import { getJson } from './client.ts';
import type { HealthBody, ModelObject, PerformanceReport } from './wire.ts';

/** The models that the key may ask, in the order of the configuration. */
export async function listModels(abort: AbortSignal): Promise<readonly ModelObject[]> {
  const { data } = await getJson<{ data: readonly ModelObject[] }>('/v1/models', abort);
  return data;
}

/** The last calls, held against the targets: those of one's own key, an admin's of all. */
export function readPerformance(lastN: number, abort: AbortSignal): Promise<PerformanceReport> {
  return getJson(`/metrics/performance?last_n=${lastN}`, abort);
}

/** How the process is. */
export function readHealth(abort: AbortSignal): Promise<HealthBody> {
  return getJson('/health', abort);
}
