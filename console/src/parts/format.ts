/** Milliseconds as people read them: `21 ms`, `0.6 s`, `4 min 12 s`; a dash where there is nothing. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  // Rounded first: 59.7 s are a minute, and no `60 s`.
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount of dollars; a dash where it is not known, which is not nothing. @param isEstimate whether the tokens were counted by us */
export function dollars(usd: number | null | undefined, isEstimate = false): string {
  if (usd === null || usd === undefined) return '–';
  const digits = usd >= 1 ? 2 : usd >= 0.01 ? 4 : digitsOfSmall(usd);
  const text =
    usd === 0 ? '0' : usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${isEstimate ? '≈' : ''}$${text}`;
}

/** So many that two figures are seen, never as a power of ten: a call of a cheap model costs $0.00000052. */
function digitsOfSmall(usd: number): number {
  return usd > 0 ? Math.min(20, 1 - Math.floor(Math.log10(usd))) : 2;
}

/** A whole number with its thousands apart. @param isEstimate whether it was counted by us, where the provider did not say */
export function count(value: number | null | undefined, isEstimate = false): string {
  return value === null || value === undefined ? '–' : `${isEstimate ? '≈' : ''}${value.toLocaleString('en-US')}`;
}

/** So many of something: `1 call`, `2,000 calls`. */
export function plural(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

/** Day and time, in the reader's zone. */
export function dateTime(at: number | string): string {
  return new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A share as percent. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${Number((share * 100).toFixed(2))} %`;
}

/** A number in a few letters: `412K`, `1.9M`; a dash where there is nothing. */
export function compact(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : COMPACT.format(value);
}

const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
