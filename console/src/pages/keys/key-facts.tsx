import type { ComponentChildren } from 'preact';
import type { KeyBody } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';
import { rateWords } from './facts.ts';
import { Models, Rates } from './limits.tsx';

type Fact = readonly [name: string, value: ComponentChildren];

/** All that is known of a key, but what it has spent. */
export function factsOf(key: KeyBody): readonly Fact[] {
  return [
    ['Secret', <code key="secret">{key.label}</code>],
    ['Kind', key.kind === 'management' ? 'manages keys, calls nothing' : 'calls models'],
    ['Organisation', key.org_id ?? 'none'],
    ['Models', <Models key="models" of={key} />],
    ['May ask', key.routes === null ? 'what keeps nothing at a provider' : key.routes.join(', ') || 'nothing'],
    ['Limits', <Rates key="limits" of={key} />],
    ...modelLimits(key),
    ...budgetRules(key),
    ['Expires', timeOr(key.expires_at, 'never')],
    ['Last used', timeOr(key.last_used_at, 'never')],
    ['Made', timeOr(key.created_at, 'not known')],
    ['Made by', <code key="creator">{key.creator ?? 'not known'}</code>],
    ['Changed', timeOr(key.updated_at, 'not known')],
    ...metadata(key),
    ['Hash', <code key="hash">{key.hash}</code>],
  ];
}

function modelLimits({ model_limits: limits }: KeyBody): readonly Fact[] {
  return Object.entries(limits ?? {}).map(([model, rates]) => [`for ${model}`, rateWords(rates).join(', ')]);
}

function budgetRules({ soft_budget: soft, on_exhausted: exhausted }: KeyBody): readonly Fact[] {
  const rules: Fact[] = [];
  if (soft !== null) rules.push(['Told from', `$${soft}`]);
  if (exhausted !== null) rules.push(['Used up', exhausted === 'cut' ? 'cuts a stream' : 'lets a stream finish']);
  return rules;
}

function metadata({ metadata: kept }: KeyBody): readonly Fact[] {
  return Object.keys(kept).length === 0 ? [] : [['Metadata', <code key="metadata">{JSON.stringify(kept)}</code>]];
}

function timeOr(at: string | null, without: string): string {
  return at === null ? without : dateTime(at);
}
