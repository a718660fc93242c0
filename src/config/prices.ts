import type { PriceEntry } from './schema.ts';

/** The price that holds on a day (`2026-11-24`, UTC): `from` is included, `until` is not. Null when none is known. */
export function priceOn(prices: readonly PriceEntry[], day: string): PriceEntry | null {
  for (const price of prices) if ((price.from ?? '') <= day && day < (price.until ?? AFTER_ALL)) return price;
  return null;
}

/** The price that holds at a time, in milliseconds since the epoch; null when none is known. */
export function priceAt(prices: readonly PriceEntry[], at: number): PriceEntry | null {
  return priceOn(prices, dayOf(at));
}

/** USD per million tokens, without the days on which they hold. */
export type Rates = Omit<PriceEntry, 'from' | 'until' | 'tiers'>;

/** The rates of the highest tier that the input exceeds; they hold for the whole request. */
export function ratesFor(inputTokens: number, price: PriceEntry): Rates {
  const reached = (price.tiers ?? []).filter(({ above_input_tokens: above }) => inputTokens > above);
  return (
    reached.reduce<(Rates & { above_input_tokens?: number }) | null>(
      (best, tier) => (tier.above_input_tokens > (best?.above_input_tokens ?? -1) ? tier : best),
      null,
    ) ?? price
  );
}

/** What is wrong with the days of a list of prices, by index. */
export function pricePeriodProblems(
  prices: readonly { readonly [Day in 'from' | 'until']: string | undefined }[],
): Map<number, string> {
  const problems = new Map<number, string>();
  for (const [index, { from = '', until = AFTER_ALL }] of prices.entries()) {
    if (from >= until) {
      problems.set(index, "expected 'from' before 'until', found it at the same day or after");
      continue;
    }
    const other = prices.findIndex(
      (earlier, at) => at < index && (earlier.from ?? '') < until && from < (earlier.until ?? AFTER_ALL),
    );
    if (other >= 0) problems.set(index, `overlaps prices[${other}]: give each its days ('until' is not included)`);
  }
  return problems;
}

const DAY_MS = 86_400_000;
let today = { number: -1, name: '' };

/** Writing a date costs as much as all the rest of a price; most calls come on the same day. */
function dayOf(at: number): string {
  const number = Math.floor(at / DAY_MS);
  if (number !== today.number) today = { number, name: new Date(at).toISOString().slice(0, 10) };
  return today.name;
}

/** Sorts after every ISO date. */
const AFTER_ALL = '~';
