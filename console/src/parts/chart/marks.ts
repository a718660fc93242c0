import { compact } from '../format.ts';

/** Dollars beside an axis, as they are: tops of axes and their halves are round, and need no more than two digits below 1. */
export function dollarMark(usd: number): string {
  if (usd === 0 || usd >= 1) return `$${compact(usd)}`;
  // With all its zeros it would be longer than an axis has room for.
  if (usd < MICRO) return `${digitsOf(usd / NANO)} n$`;
  if (usd < 10 * MICRO) return `${digitsOf(usd / MICRO)} µ$`;
  return `$${digitsOf(usd)}`;
}

const MICRO = 1e-6;
const NANO = 1e-9;

/** Milliseconds beside an axis: one unit for each mark, and no rounding. */
export function timeMark(ms: number): string {
  if (ms === 0) return '0';
  return ms < 100 ? `${digitsOf(ms)} ms` : `${digitsOf(ms / 1000)} s`;
}

function digitsOf(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
}
