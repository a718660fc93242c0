import type { EndedBody } from '../feed/wire.ts';
import { count, dollars, duration } from '../parts/format.ts';

/** A figure of an ended call, with what there is to say of it. */
export interface Figure {
  readonly name: 'model' | 'tokens' | 'cost' | 'ttft' | 'total' | 'speed' | 'finish' | 'dropped';
  readonly text: string;
  readonly hint: string;
}

/** What stands under an answer, in its order; what is not known is left out, but for the cost, which is `–`. */
export function figuresOf(call: EndedBody): readonly Figure[] {
  const { ttft_ms: ttft, age_ms: total, finish_reason: finish } = call;
  return [
    modelOf(call),
    ...tokensOf(call),
    costOf(call),
    ...(ttft === null
      ? []
      : [{ name: 'ttft', text: `TTFT ${duration(ttft)}`, hint: 'From the question to the first token' } as const]),
    { name: 'total', text: duration(total), hint: 'From the question to the end of the answer' },
    ...speedOf(call),
    ...(finish === null || finish === 'stop'
      ? []
      : [{ name: 'finish', text: finish, hint: 'Why the answer ended' } as const]),
    ...droppedOf(call),
  ];
}

function modelOf({ model, provider, requested_model: asked }: EndedBody): Figure {
  const by = provider === null ? 'No model answered' : `Answered by ${model} at ${provider}`;
  return {
    name: 'model',
    text: model,
    hint: asked === null || asked === model ? by : `${by}; ${asked || 'no model'} was asked`,
  };
}

function tokensOf({ usage, usage_source: source }: EndedBody): readonly Figure[] {
  if (usage === null) return [];
  const sign = source === 'estimate' ? '≈' : '';
  const cached = usage.prompt_tokens_details['cached_tokens'] ?? 0;
  const thought = usage.completion_tokens_details['reasoning_tokens'] ?? 0;
  const input = `${count(usage.prompt_tokens)} in, ${cached > 0 ? `${count(cached)} of them cached` : 'none cached'}`;
  const output = `${count(usage.completion_tokens)} out${thought > 0 ? `, ${count(thought)} of them reasoning` : ''}`;
  const by = source === 'estimate' ? 'estimated: the provider did not count' : 'counted by the provider';
  const text = `${sign}${count(usage.prompt_tokens)}→${count(usage.completion_tokens)} tokens`;
  return [{ name: 'tokens', text, hint: `${input}; ${output}; ${by}` }];
}

const COST_SOURCES = {
  provider: 'The provider’s own bill',
  table: 'Tokens times the prices of the registry',
  estimate: 'An estimate: the tokens were not counted by the provider',
} as const;

function costOf({ cost_usd: cost, cost_source: source }: EndedBody): Figure {
  const hint = source === null ? 'The cost is not known: there is no price for this model' : COST_SOURCES[source];
  const text = dollars(cost, source === 'estimate');
  return { name: 'cost', text: text === '–' ? 'cost –' : text, hint };
}

function speedOf({ usage, usage_source: source, ttft_ms: ttft, age_ms: total }: EndedBody): readonly Figure[] {
  const speed = tokensPerSecond(usage?.completion_tokens ?? null, ttft, total);
  if (speed === null) return [];
  const sign = source === 'estimate' ? '≈' : '';
  return [
    {
      name: 'speed',
      text: `${sign}${count(Math.round(speed))} tok/s`,
      hint: 'Tokens a second, from the first token to the end',
    },
  ];
}

/** In less time no speed can be told. */
const MIN_SPOKEN_MS = 100;

/**
 * How fast an answer came after its first token, the wait for which is a figure of its own; null for one that came at once.
 * Times are milliseconds from the question on.
 */
export function tokensPerSecond(tokens: number | null, ttftMs: number | null, totalMs: number | null): number | null {
  const spokeMs = ttftMs === null || totalMs === null ? 0 : totalMs - ttftMs;
  if (tokens === null || tokens < 2 || spokeMs < MIN_SPOKEN_MS) return null;
  return (tokens * 1000) / spokeMs;
}

function droppedOf({ dropped_params: dropped }: EndedBody): readonly Figure[] {
  if (dropped.length === 0) return [];
  const hint = 'What was asked for, and this model cannot honour';
  return [{ name: 'dropped', text: `without ${dropped.join(', ')}`, hint }];
}
