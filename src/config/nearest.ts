/** Longer names are no slips of the finger, and comparing them would cost time. */
const MAX_LENGTH = 100;

/** The known names that `name` may have been meant to be, the likeliest first. */
export function nearestNames(name: string, known: Iterable<string>, limit: number): string[] {
  if (name.length > MAX_LENGTH) return [];
  const tolerance = Math.max(1, Math.floor(name.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** `; did you mean 'x'?`, or nothing when no name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const [nearest] = nearestNames(name, known, 1);
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** The name that {@link didYouMean} has proposed at the end of a text; null where it has none. */
export function proposedIn(text: string): string | null {
  return /; did you mean '([^']*)'\?$/.exec(text)?.[1] ?? null;
}

/** Levenshtein's distance, in which a swap of two neighbours counts as one slip. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const steps = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost];
      const isSwap = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) steps.push(at(before, column - 2) + 1);
      current.push(Math.min(...steps));
    }
    before = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
