import type { Model } from '../routing/model.ts';

/** OpenAI's Model object, with what the registry knows besides; `null` means not known. */
export function toModelObject({ id, entry, targets }: Model): object {
  const owners = new Set(targets.map(({ provider }) => provider.name));
  const [owner = null] = owners.size === 1 ? owners : [];
  return {
    id,
    object: 'model',
    created: entry.released ? Date.parse(entry.released) / 1000 : 0,
    owned_by: owner ?? 'sluice',
    provider: owner,
    context_window: entry.context_window ?? null,
    max_output_tokens: entry.max_output_tokens ?? null,
    capabilities: entry.capabilities ?? null,
    pricing: entry.prices ?? null,
    status: entry.status ?? 'active',
    shutdown_date: entry.shutdown ?? null,
  };
}
