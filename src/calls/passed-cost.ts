import type { QuoteTerms, RequestSize } from '../limits/ask.ts';
import type { Governance } from '../limits/governance.ts';
import type { Ask } from '../limits/ledger.ts';
import type { Target } from '../routing/target.ts';

/** What a request that passes through tells of its cost, before it is sent. */
export interface PassedCost {
  readonly target: Target;
  /** False for what reads or deletes. */
  readonly mayCost: boolean;
  /** False for what only keeps something at the provider: what becomes of that is never told here. */
  readonly isPresumed: boolean;
  /** Its tokens, where they tell what it costs; else null. */
  readonly size: RequestSize | null;
  /** Pictures that it asks for. */
  readonly images: number;
}

/** What is known beside the request. */
export interface PassedTerms extends QuoteTerms {
  /** USD: `passthrough.reserve`. */
  readonly reserveUsd: number;
}

const NOTHING: Ask = { nano: 0, leastNano: 0, tokens: 0 };

/** What to set aside for a request that passes through: by its tokens, by its pictures, or a guess. */
export function passedAsk(
  { target, mayCost, size, images }: PassedCost,
  { quoteOf, askFor, flatAsk }: Pick<Governance, 'quoteOf' | 'askFor' | 'flatAsk'>,
  { reserveUsd, ...terms }: PassedTerms,
): Ask {
  if (!mayCost) return NOTHING;
  if (images > 0) return flatAsk(images * (target.fees['image'] ?? reserveUsd));
  const ask = size && askFor(quoteOf(size, target, terms), false);
  // Unlike a chat's, the price of a path that is not translated is often unknown, and is guessed.
  return ask === null || ask.nano === null ? flatAsk(reserveUsd, size?.promptTokens) : ask;
}
