import { priceAt, ratesFor } from '../config/prices.ts';
import type { PriceEntry } from '../config/schema.ts';
import type { Usage } from '../protocol/delta.ts';
import { countOf } from '../protocol/json.ts';

/** What something cost in USD, and who says so. All null when it is not known: an unknown price is never a 0. */
export interface Cost {
  readonly usd: number | null;
  /** The provider's own bill; the registry's prices; or these over tokens that were estimated. */
  readonly source: 'provider' | 'table' | 'estimate' | null;
}

/** What the registry says of money: dated prices, and fees by name. */
export interface PriceList {
  readonly prices: readonly PriceEntry[];
  readonly fees: Readonly<Record<string, number>>;
}

/** Tokens that one attempt spent, and when. */
export interface Spent {
  readonly usage: Usage;
  readonly isEstimated: boolean;
  /** Milliseconds since the epoch; the price of that day (UTC) holds. */
  readonly at: number;
}

/** Of what tells nothing. */
export const UNKNOWN: Cost = { usd: null, source: null };

/**
 * The provider's own bill comes first, then the price list. A provider's 0 beside a price is no bill: Sonar says 0
 * until its last chunk, OpenRouter for calls that are paid with a key of one's own.
 */
export function costOf({ usage, isEstimated, at }: Spent, list: PriceList): Cost {
  if (usage.cost) return { usd: usage.cost, source: 'provider' };
  const price = priceAt(list.prices, at);
  if (price !== null) {
    const usd = tokenCost(usage, price) + feeCost(usage, list.fees);
    return { usd, source: isEstimated ? 'estimate' : 'table' };
  }
  return usage.cost === 0 ? { usd: 0, source: 'provider' } : UNKNOWN;
}

/** What tokens would cost, in USD; null when the price is not known. */
export function estimatedPrice(list: PriceList, usage: Usage, at: number): number | null {
  return costOf({ usage, isEstimated: true, at }, list).usd;
}

function tokenCost(usage: Usage, price: PriceEntry): number {
  const { input, output, ...rates } = ratesFor(usage.prompt_tokens, price);
  const { prompt_tokens_details: prompt, completion_tokens_details: completion } = usage;
  // Each kind is a part of the whole, and what is left has the plain price.
  let plain = usage.prompt_tokens;
  const take = (count: unknown): number => {
    const taken = Math.min(countOf(count), plain);
    plain -= taken;
    return taken;
  };
  const cached = take(prompt['cached_tokens']) * (rates.cached_input ?? input);
  const written = take(prompt['cache_write_tokens']) * (rates.cache_write ?? input);
  const heard = take(prompt['audio_tokens']) * (rates.audio_input ?? input);
  const reasoning = countOf(completion['reasoning_tokens']);
  // xAI counts reasoning beside the completion: there it may be more.
  const spoken = Math.max(0, usage.completion_tokens - reasoning);
  const said = spoken * output + reasoning * (rates.reasoning ?? output);
  return (cached + written + heard + plain * input + said) / 1_000_000;
}

/** Tools that the provider itself ran, where it says how often; other fees of the registry stand there for people. */
function feeCost({ server_tool_use_details: used = {} }: Usage, fees: PriceList['fees']): number {
  const searches = countOf(used['web_search_requests']);
  const files = countOf(used['file_search_requests']);
  const perSearch = fees['web_search_per_1k_calls'] ?? fees['web_search_per_1k_queries'] ?? 0;
  // Google's older models bill a prompt that searched, however often.
  const perPrompt = searches > 0 ? (fees['web_search_per_1k_prompts'] ?? 0) : 0;
  return (searches * perSearch + perPrompt + files * (fees['file_search_per_1k_calls'] ?? 0)) / 1000;
}
