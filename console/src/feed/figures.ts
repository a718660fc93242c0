import { getJson } from './client.ts';
import type {
  HealthBody,
  ModelDetails,
  ModelObject,
  PerformanceBucket,
  PerformanceReport,
  ProviderBody,
  ShownConfig,
} from './wire.ts';

/** The models that the key may ask, in the order of the configuration. */
export async function listModels(abort: AbortSignal): Promise<readonly ModelObject[]> {
  const { data } = await getJson<{ data: readonly ModelObject[] }>('/v1/models', abort);
  return data;
}

/** All models that the key may see, also those that cannot be asked. */
export async function listAllModels(abort: AbortSignal): Promise<readonly ModelDetails[]> {
  const { data } = await getJson<{ data: readonly ModelDetails[] }>('/v1/models?all=true', abort);
  return data;
}

/** The last calls, held against the targets: those of one's own key, an admin's of all. */
export function readPerformance(lastN: number, abort: AbortSignal): Promise<PerformanceReport> {
  return getJson(`/metrics/performance?last_n=${lastN}`, abort);
}

/** The last hour by the minute, the oldest first: calls of the same keys. */
export function readLastHour(abort: AbortSignal): Promise<readonly PerformanceBucket[]> {
  return getJson('/metrics/performance/series?bucket=1m&n=60', abort);
}

/** How the process is. */
export function readHealth(abort: AbortSignal): Promise<HealthBody> {
  return getJson('/health', abort);
}

/** Who is asked for answers, and how they do; for an admin. */
export function listProviders(abort: AbortSignal): Promise<readonly ProviderBody[]> {
  return getJson('/v1/providers', abort);
}

/** When the configuration was loaded, and what came of the last attempt to load another; for an admin. */
export function readLoading(abort: AbortSignal): Promise<Pick<ShownConfig, 'loaded_at' | 'last_reload'>> {
  return getJson('/v1/config', abort);
}
