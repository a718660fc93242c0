import { toTable } from '../compare/table.ts';
import type { Kind } from './kind.ts';
import type { Tally } from './traffic.ts';
import type { Row } from './verdict.ts';

/** How many calls of each kind ended as they should. */
export function toKindTable(kinds: readonly Kind[], tallies: ReadonlyMap<string, Tally>): string {
  const rows = kinds.map((kind) => {
    const { expected, unexpected } = tallies.get(kind.name) ?? { expected: 0, unexpected: 0 };
    return [kind.name, expected, unexpected];
  });
  return `\n${toTable(['kind of call', 'ended as expected', 'otherwise'], rows)}`;
}

/** What returned to where it began, and what did not. */
export function toVerdictTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, before, after, tolerated, isGood }) => [
    what,
    before,
    after,
    tolerated,
    isGood ? 'yes' : '**NO**',
  ]);
  return toTable(['what', 'before', 'after', 'tolerated', 'returns to where it began'], lines);
}
