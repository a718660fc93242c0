/** Milliseconds as people read them: `21 ms`, `0.6 s`, `4 min 12 s`; a dash where there is nothing. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount of dollars; a dash where it is not known, which is not nothing. @param isEstimate whether the tokens were counted by us */
export function dollars(usd: number | null | undefined, isEstimate = false): string {
  if (usd === null || usd === undefined) return '–';
  const text = usd === 0 ? '$0' : usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
  return isEstimate ? `≈${text}` : text;
}

/** A whole number with its thousands apart. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toLocaleString('en-US');
}

/** The time of day, in the reader's zone. @param at milliseconds since the epoch, or ISO 8601 */
export function clockTime(at: number | string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** Day and time, in the reader's zone. */
export function dateTime(at: number | string): string {
  return new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A share as percent. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${Number((share * 100).toFixed(2))} %`;
}
