import { hasEnded, type SomeCall } from '../../feed/calls.ts';
import type { EndedBody } from '../../feed/wire.ts';
import { count, dateTime, dollars, duration, plural } from '../../parts/format.ts';

/** A name with its value, in words. */
export type Fact = readonly [name: string, value: string];

/** What the record says of a call beside its model, in the order in which it is shown. */
export function factsOf(call: SomeCall): readonly Fact[] {
  return [
    ['Chosen by', call.route ?? '–'],
    ['Key', call.org === undefined ? call.key : `${call.key} (${call.org})`],
    ['Path', call.path],
    ['Came', dateTime(call.created_at)],
    ['First token', duration(call.ttft_ms)],
    [hasEnded(call) ? 'Took' : 'Age', duration(call.age_ms)],
    ...tokenFacts(call),
    ...(call.finish_reason === null || call.finish_reason === 'stop'
      ? []
      : [['Finished by', call.finish_reason] as const]),
    ...('cost_usd' in call ? billFacts(call) : []),
  ];
}

function tokenFacts(call: SomeCall): readonly Fact[] {
  const { usage, completion_tokens: completion } = call;
  const isEstimate = 'usage_source' in call && call.usage_source === 'estimate';
  const part = (tokens: unknown, word: string): string =>
    typeof tokens === 'number' && tokens > 0 ? `, ${count(tokens)} ${word}` : '';
  const cached = part(usage?.prompt_tokens_details['cached_tokens'], 'cached');
  const thought = part(usage?.completion_tokens_details['reasoning_tokens'], 'thought');
  return [
    ['Prompt', usage === null ? '–' : `${count(usage.prompt_tokens, isEstimate)} tokens${cached}`],
    ['Answer', `${count(completion, isEstimate)} tokens${thought}`],
  ];
}

/** A provider's own bill is none of our estimates, also where the tokens were counted by us. */
function billFacts({
  cost_usd: cost,
  cost_source: source,
  status,
  dropped_params: dropped,
  wasted_tokens: tokens,
  wasted_cost_usd: wasted,
}: EndedBody): readonly Fact[] {
  return [
    ['Cost', `${dollars(cost, source === 'estimate')}${source === null ? '' : ` by ${source}`}`],
    ...(tokens === 0
      ? []
      : [['Wasted', `${plural(tokens, 'token')}, ${dollars(wasted)}, which bought no answer`] as const]),
    ['Status', String(status)],
    ...(dropped.length === 0 ? [] : [['Dropped', dropped.join(', ')] as const]),
  ];
}
