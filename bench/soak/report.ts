import type { Kind } from './kind.ts';
import type { Tally } from './traffic.ts';
import type { Row } from './verdict.ts';

/** One line of a Markdown table. */
export function toLine(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** The head of a Markdown table; columns after the first hold numbers. */
export function toHead(cells: readonly string[]): string {
  return `\n${toLine(cells)}${toLine(cells.map((_cell, column) => (column === 0 ? '---' : '---:')))}`;
}

/** How many calls of each kind ended as they should. */
export function toKindTable(kinds: readonly Kind[], tallies: ReadonlyMap<string, Tally>): string {
  const rows = kinds.map((kind) => {
    const { expected, unexpected } = tallies.get(kind.name) ?? { expected: 0, unexpected: 0 };
    return toLine([kind.name, expected, unexpected]);
  });
  return toHead(['kind of call', 'ended as expected', 'otherwise']) + rows.join('');
}

/** What returned to where it began, and what did not. */
export function toVerdictTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, before, after, tolerated, isGood }) =>
    toLine([what, before, after, tolerated, isGood ? 'yes' : '**NO**']),
  );
  return toHead(['what', 'before', 'after', 'tolerated', 'returns to where it began']) + lines.join('');
}
