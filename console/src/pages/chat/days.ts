import type { ListedThread } from '../../feed/threads.ts';

/** Conversations that were used in one span of days. */
export interface Days {
  readonly title: string;
  readonly threads: readonly ListedThread[];
}

/** The list by days, in the reader's zone; its order stays. @param now milliseconds since the epoch */
export function daysOf(threads: readonly ListedThread[], now: number): readonly Days[] {
  const today = new Date(now).setHours(0, 0, 0, 0);
  const titled = Map.groupBy(threads, ({ updated_at: at }) => titleOf(Math.max(0, daysBefore(today, at * 1000))));
  return [...titled].map(([title, some]) => ({ title, threads: some }));
}

function daysBefore(today: number, at: number): number {
  // Days of 23 and 25 hours are days.
  return Math.round((today - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
}

function titleOf(days: number): string {
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days < 7) return 'In the last week';
  return days < 30 ? 'In the last month' : 'Earlier';
}
