import type { ModelDetails, ModelObject } from '../feed/wire.ts';

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

type Rule = NonNullable<ModelDetails['rules']>[number];

/** The members of a group; each with its weight where it has one. */
export function memberWords(members: Rule['members']): string {
  return members.map(({ model, weight }) => (weight === undefined ? model : `${model} × ${weight}`)).join(', ');
}

/** When a rule holds: all of it. */
export function conditionWords(when: NonNullable<Rule['when']>): string {
  const words = Object.entries(when).map(([name, value]) => {
    const what = name.replaceAll('_', ' ');
    if (typeof value === 'boolean') return value ? what : `no ${what}`;
    return `${what} ${Array.isArray(value) ? value.join(' or ') : value}`;
  });
  return words.length === 0 ? 'every request' : words.join(', ');
}

/** What can be asked first, else in the order of the configuration. */
export function askableFirst(models: readonly ModelDetails[]): readonly ModelDetails[] {
  return [...models].sort((one, other) => Number(other.available) - Number(one.available));
}

/** Each word has to be found somewhere in what is known of a model by name. */
export function isMeant(model: ModelDetails, wanted: string): boolean {
  const { id, provider, kind, aliases, capabilities, members } = model;
  const names = [...aliases, ...(capabilities ?? []), ...(members ?? []).map((member) => member.model)];
  const text = [id, provider ?? 'group', kind, ...names].join(' ').toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Why a model cannot be asked, without its name: that stands beside it. */
export function shortReason(reason: string, id: string): string {
  return reason.replace(`The model '${id}' `, '').replace('cannot be served: ', '');
}
