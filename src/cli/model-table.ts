import { DEFAULT_STRATEGY } from '../config/config.ts';
import { priceOn } from '../config/prices.ts';
import type { Capability, ModelEntry } from '../config/schema.ts';
import { CAPABILITIES } from '../config/settings/model.ts';
import type { ListedModel } from '../routing/model-builder.ts';
import { alignColumns } from './table.ts';

/** One letter for each capability, so that a model fits on a line. */
const LETTERS: Readonly<Record<Capability, string>> = {
  tools: 't',
  vision: 'v',
  audio: 'a',
  pdf: 'p',
  json_schema: 'j',
  reasoning: 'r',
  web_search: 'w',
  prefill: 'f',
};

const HEAD = ['model', 'provider', 'upstream', 'context', 'can', 'USD/1M in, out', 'status', 'fallbacks', 'aliases'];

/** The models as an aligned table, with the prices of one day (`2026-11-24`), and a legend. */
export function modelTable(models: readonly ListedModel[], day: string): string[] {
  const lines = alignColumns([HEAD, ...models.map((model) => toRow(model, day))], () => false);
  const legend = CAPABILITIES.map((name) => `${LETTERS[name]} ${name}`).join(', ');
  return [...lines, '', `can: ${legend}; ? not known`];
}

function toRow(model: ListedModel, day: string): string[] {
  const { id, entry, fallbacks } = model;
  return [
    id,
    entry.rules ? 'rules' : entry.targets ? 'group' : (entry.provider ?? ''),
    // The provider's own id only where it differs.
    membersText(entry) ?? (entry.upstream === id ? '' : (entry.upstream ?? '')),
    entry.context_window === undefined ? '' : toTokens(entry.context_window),
    capabilityLetters(entry),
    priceText(entry, day),
    statusText(model),
    fallbacks.join(', '),
    (entry.aliases ?? []).join(', '),
  ];
}

/** What a group holds; null for a model that has a provider. */
function membersText({ targets, strategy = DEFAULT_STRATEGY, rules }: ModelEntry): string | null {
  if (rules) return `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  if (!targets) return null;
  const weightText = (weight = 1): string => (strategy === 'weighted' ? ` ×${weight}` : '');
  const names = targets.map(({ model, weight }) => `${model}${weightText(weight)}`);
  return strategy === 'order' ? names.join(' > ') : `${strategy}: ${names.join(', ')}`;
}

/** `1.05M`, `128k`, `8191` */
function toTokens(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(2))}M`;
  return count >= 10_000 ? `${Math.round(count / 1000)}k` : String(count);
}

function capabilityLetters({ capabilities, status, kind, targets, rules }: ModelEntry): string {
  if (capabilities) return CAPABILITIES.map((name) => (capabilities.includes(name) ? LETTERS[name] : '-')).join('');
  return status === 'shutdown' || kind === 'embedding' || targets || rules ? '' : '?';
}

function priceText({ prices = [] }: ModelEntry, day: string): string {
  const price = priceOn(prices, day);
  return price === null ? '' : `${price.input}, ${price.output}${price.tiers ? ' +' : ''}`;
}

function statusText({ entry, unavailableBecause }: ListedModel): string {
  const { status = 'active', shutdown, replacement, retired } = entry;
  if (status === 'shutdown') {
    const arrow = retired === 'redirect' ? 'served by' : 'use';
    return `shut down${shutdown ? ` ${shutdown}` : ''}${replacement ? `, ${arrow} ${replacement}` : ''}`;
  }
  const end = shutdown ? ` until ${shutdown}` : '';
  return `${unavailableBecause === null ? '' : 'off, '}${entry.kind === 'embedding' ? 'embedding, ' : ''}${status}${end}`;
}
