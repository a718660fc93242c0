import type { ModelObject } from '../../feed/wire.ts';

type PriceEntry = NonNullable<ModelObject['pricing']>[number];

const DAY_MS = 86_400_000;

/** How near the end of a model is: below 14 days, below 60, or later. */
export type ShutdownTone = 'soon' | 'near' | 'far';

/** The price that holds on the day, by UTC as the gateway counts; null where none is known. @param now milliseconds since the epoch */
export function priceNow(prices: readonly PriceEntry[], now: number): PriceEntry | null {
  const day = dayOf(now);
  return prices.find(({ from, until }) => (from ?? '') <= day && (until === undefined || day < until)) ?? null;
}

/** The first price that begins later; null where none is announced. */
export function nextPrice(prices: readonly PriceEntry[], now: number): PriceEntry | null {
  const day = dayOf(now);
  const later = prices.filter(({ from }) => from !== undefined && from > day);
  return later.sort((one, other) => ((one.from ?? '') < (other.from ?? '') ? -1 : 1))[0] ?? null;
}

/** When a model ends, in words. @param day as `2026-11-24` */
export function shutdownOf(day: string, now: number): { readonly words: string; readonly tone: ShutdownTone } {
  const days = Math.round((Date.parse(day) - Date.parse(dayOf(now))) / DAY_MS);
  const tone = days < 14 ? 'soon' : days < 60 ? 'near' : 'far';
  if (days <= 0) return { words: `shut down on ${day}`, tone };
  return { words: `ends in ${days} ${days === 1 ? 'day' : 'days'}`, tone };
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
