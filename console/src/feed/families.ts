import type { Thread } from './threads.ts';

/** The family of a conversation; one that the console did not make is its own. */
export function familyOf({ id, metadata }: Pick<Thread, 'id' | 'metadata'>): string {
  return metadata?.['family'] || id;
}

/** One of each family, the first in the list: the versions of one conversation stand as one. */
export function onePerFamily<T extends Thread>(threads: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return threads.filter((thread) => {
    const isNew = !seen.has(familyOf(thread));
    seen.add(familyOf(thread));
    return isNew;
  });
}
