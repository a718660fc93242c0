import type { PriceEntry } from './schema.ts';

/** The price that holds on a day (`2026-11-24`, UTC): `from` is included, `until` is not. Null when none is known. */
export function priceOn(prices: readonly PriceEntry[], day: string): PriceEntry | null {
  return prices.find(({ from, until }) => (from ?? '') <= day && day < (until ?? AFTER_ALL)) ?? null;
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

/** Sorts after every ISO date. */
const AFTER_ALL = '~';
