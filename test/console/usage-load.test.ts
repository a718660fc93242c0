import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadUsage } from '../../console/src/pages/usage/load.ts';
import { readQuestion } from '../../console/src/pages/usage/question.ts';
import type { Series } from '../../console/src/parts/chart/scale.ts';
import { sumOf } from '../../console/src/parts/chart/scale.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway } from '../support/gateway.ts';
import { buildRecord } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

const DAY = 86_400;
const ADMIN = { ownZone: '+01:00', isAdmin: true };

afterEach(() => vi.unstubAllGlobals());

/** Has the console ask a real gateway, whose usage log has a call of each model on each of so many days. */
async function openLog(days: number, models: number): Promise<void> {
  const url = `sqlite:${join(temporaryFolder(), 'usage.db')}`;
  const store = await openUsage(url);
  const now = Math.floor(Date.now() / 1000);
  for (let day = 0; day < days; day++)
    await store.append(
      Array.from({ length: models }, (_, at) =>
        buildRecord({ id: `${day}-${at}`, created: now - day * DAY, model: `m${at}`, cost_usd: at + 1 }),
      ),
    );
  await store.close();
  const gateway = await runGateway(`providers: { demo: { kind: demo } }\nusage: {}\ndatabase: { url: "${url}" }\n`);
  askAt(gateway.url);
}

/** What a browser adds to a path. */
function askAt(url: string): void {
  const fetchAll = fetch;
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetchAll(url + path, init));
}

function load(address: string): ReturnType<typeof loadUsage> {
  return loadUsage(readQuestion(new URLSearchParams(address), ADMIN), ADMIN, new AbortController().signal);
}

function whole(series: readonly Series[]): number | null {
  return sumOf(series.flatMap(({ values }) => values));
}

describe('what the usage page asks for', () => {
  it('is whole where one answer would be cut off', async () => {
    await openLog(40, 30);
    const { usage } = await load('range=90d');
    const cost = (40 * 30 * 31) / 2;
    expect([usage?.table.total?.cost_usd, whole(usage?.cost ?? [])]).toEqual([cost, cost]);
    expect(usage?.cost.map(({ name }) => name)).toEqual(['m29', 'm28', 'm27', 'm26', 'm25', '25 others']);
    expect(usage?.cost[0]?.values.filter((value) => value === 30)).toHaveLength(40);
    expect(whole(usage?.tokens ?? [])).toBe(40 * 30 * 120);
    expect(usage?.keys).toEqual([{ id: 'team-a', name: 'team-a', filter: { key: 'team-a' } }]);
  });

  it('is not split by time where there are too many models for it', async () => {
    await openLog(2, 1001);
    const { usage } = await load('range=7d');
    expect(usage?.table.has_more).toBe(true);
    expect(usage?.cost.map(({ name }) => name)).toEqual(['all']);
    expect(whole(usage?.cost ?? [])).toBe(usage?.table.total?.cost_usd);
  });

  it('is nothing where there is no usage log', async () => {
    const gateway = await runGateway('providers: { demo: { kind: demo } }\nusage: { store: none }\n');
    askAt(gateway.url);
    expect(await load('')).toEqual({ usage: null });
  });
});
