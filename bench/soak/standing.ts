import { request } from 'undici';
import type { Counts, Reading } from './reading.ts';

/** What the gateway holds when no call is made any more, by its own account and by that of its provider. */
export interface Standing {
  readonly reading: Reading;
  /** Of which each should be 0. */
  readonly unusedFields: Counts;
  /** Calls of the usage log, by outcome. */
  readonly recorded: Counts;
}

/** The reading was taken before, because asking opens connections. */
export async function takeStanding(reading: Reading, gatewayUrl: string, providerUrl: string): Promise<Standing> {
  const requests = await getJson<{ data: unknown[] }>(`${gatewayUrl}/v1/requests`);
  const health = await getJson<{ lost_usage_records: number }>(`${gatewayUrl}/health`);
  const usage = await getJson<{ data: Sums[] }>(`${gatewayUrl}/v1/usage?group_by=outcome`);
  const provider = await getJson<{ busy: number }>(`${providerUrl}/state`);
  const metrics = await getText(`${gatewayUrl}/metrics`);
  return {
    reading,
    unusedFields: {
      'calls listed by GET /v1/requests': requests.data.length,
      'sluice_calls_in_flight of /metrics': Number(/^sluice_calls_in_flight (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN),
      'requests that the provider still serves': provider.busy,
      'lost usage records': health.lost_usage_records,
    },
    recorded: Object.fromEntries(usage.data.map(({ outcome, calls }) => [outcome, calls])),
  };
}

interface Sums {
  readonly outcome: string;
  readonly calls: number;
}

async function getJson<T>(url: string): Promise<T> {
  return JSON.parse(await getText(url)) as T;
}

async function getText(url: string): Promise<string> {
  const { body } = await request(url, { headers: { connection: 'close' } });
  return body.text();
}
