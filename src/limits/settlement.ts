import { countOf } from '../protocol/json.ts';
import type { Attempt } from '../routing/attempt.ts';
import { toNano } from './budget.ts';
import type { Settlement } from './ledger.ts';

/**
 * What all attempts of a call came to, failed ones and lost races included. Each is rounded by itself, so that the parts of
 * a usage record add up to it.
 * @param costOf USD of an attempt; null, which counts as nothing, where the price is not known
 */
export function settlementOf<Tried extends Pick<Attempt, 'usage'>>(
  attempts: readonly Tried[],
  costOf: (attempt: Tried) => number | null,
): Settlement {
  let [nano, tokens, cachedTokens] = [0, 0, 0];
  for (const attempt of attempts) {
    nano += toNano(costOf(attempt));
    if (attempt.usage === null) continue;
    tokens += attempt.usage.prompt_tokens + attempt.usage.completion_tokens;
    cachedTokens += countOf(attempt.usage.prompt_tokens_details['cached_tokens']);
  }
  return { nano, tokens, cachedTokens };
}
