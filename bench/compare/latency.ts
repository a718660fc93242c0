import { percentile, plainCallsAtRate } from '../load.ts';
import { NAMES, type Subject } from './candidate.ts';
import { median } from './figures.ts';
import type { Ground } from './settings.ts';
import { judged, toFigure, toTable } from './table.ts';

const CALLS_PER_SECOND = 200;
/** What Sluice may add on top of what bare adds, in milliseconds. */
const MARGIN_P50_MS = 0.3;
const MARGIN_P99_MS = 1;

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What each server adds to a plain call at a modest rate. */
export async function measureLatency({ size, subjects, direct, progress }: Ground): Promise<string> {
  const all = [direct, ...subjects];
  const rounds = new Map<Subject['name'], Round[]>(all.map(({ name }) => [name, []]));
  const load = { perSecond: CALLS_PER_SECOND, count: CALLS_PER_SECOND * size.rateSeconds };
  for (let round = 1; round <= size.latencyRounds; round++) {
    progress(`plain calls at a fixed rate, round ${round} of ${size.latencyRounds}`);
    for (const { name, server, headers } of all) {
      const ms = await plainCallsAtRate(server.url, 'bench', { ...load, headers });
      rounds.get(name)?.push({ p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) });
    }
  }
  const directRounds = rounds.get('direct') ?? [];
  const added = (name: Subject['name'], key: keyof Round): number =>
    median((rounds.get(name) ?? []).map((round, index) => round[key] - (directRounds[index]?.[key] ?? Number.NaN)));
  const goalOf = (name: string, key: keyof Round, marginMs: number): { atMost?: number } =>
    name === 'sluice' ? { atMost: added('bare', key) + marginMs } : {};
  const rows = NAMES.map((name) => [
    name,
    judged(added(name, 'p50Ms'), 2, goalOf(name, 'p50Ms', MARGIN_P50_MS)),
    judged(added(name, 'p99Ms'), 2, goalOf(name, 'p99Ms', MARGIN_P99_MS)),
  ]);
  const whole = (key: keyof Round): string => toFigure(median(directRounds.map((round) => round[key])), 2);
  const head = [`plain calls, ${CALLS_PER_SECOND} a second, ms`, 'p50', 'p99'];
  return toTable(head, [
    ['direct, the whole call', whole('p50Ms'), whole('p99Ms')],
    ...rows.map(([name = '', ...cells]) => [`added by ${name}`, ...cells]),
  ]);
}
