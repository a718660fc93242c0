import { familyOf } from '../feed/families.ts';
import type { Thread } from '../feed/threads.ts';

/**
 * A question that is asked anew, or asked otherwise, makes a conversation of its own from what stood before it. All of
 * them are one family, and each says in its metadata which one it was made from, and after which item.
 */
export type VersionMetadata = Readonly<Record<'family' | 'version_of' | 'version_at' | 'version_made', string>>;

/** What the metadata of a version says. @param before id of the item before its question, or `start` @param now milliseconds since the epoch */
export function versionMetadata(from: Pick<Thread, 'id' | 'metadata'>, before: string, now: number): VersionMetadata {
  return { family: familyOf(from), version_of: from.id, version_at: before, version_made: String(now) };
}

/**
 * The versions of what follows an item, by the ids of the conversations that show them, the oldest first; the one that
 * `shown` shows stands in it as `shown` itself.
 * @param family all conversations of it @param at id of the item, or `start`
 */
export function versionsAt(family: readonly Thread[], shown: string, at: string | null): readonly string[] {
  const byId = new Map(family.map((thread) => [thread.id, thread]));
  const isMadeHere = (id: string): boolean => at !== null && byId.get(id)?.metadata?.['version_at'] === at;
  const made = family.filter(({ id }) => isMadeHere(id)).sort(byAge);
  if (made.length === 0) return [shown];
  const line = lineOf(byId, shown);
  const mine = line.find(isMadeHere) ?? null;
  // Where none of the line was made here, it shows what was said first.
  const first = mine === null ? shown : line.slice(line.indexOf(mine)).find((id) => !isMadeHere(id));
  const firstOnes = first !== undefined && (first === shown || isThere(byId, first)) ? [first] : [];
  return [...firstOnes, ...made.map(({ id }) => (id === mine ? shown : id))];
}

/** A conversation, what it was made from, and so on. */
function lineOf(byId: ReadonlyMap<string, Thread>, id: string): readonly string[] {
  const line: string[] = [];
  for (let next: string | undefined = id; next && !line.includes(next); ) {
    line.push(next);
    next = byId.get(next)?.metadata?.['version_of'];
  }
  return line;
}

/** The first one of a family that the console did not begin is not listed with it. */
function isThere(byId: ReadonlyMap<string, Thread>, id: string): boolean {
  return byId.has(id) || [...byId.values()].some(({ metadata }) => metadata?.['family'] === id);
}

function byAge(one: Thread, other: Thread): number {
  return Number(one.metadata?.['version_made']) - Number(other.metadata?.['version_made']);
}
