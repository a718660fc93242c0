/** The time, with its day where that is not today, and its year where that is another. @param at ISO 8601 @param now milliseconds since the epoch */
export function dayAndTime(at: string, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return clockTime(at);
  const year = then.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' as const };
  return `${then.toLocaleDateString([], { month: 'short', day: 'numeric', ...year })}, ${clockTime(at)}`;
}

/** The time of day, in the reader's zone. @param at milliseconds since the epoch, or ISO 8601 */
export function clockTime(at: number | string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}
