type Cells = readonly (string | number)[];

/** A Markdown table: the first column is text, the others are figures. */
export function toTable(head: Cells, rows: readonly Cells[]): string {
  return `${toHead(head)}${rows.map(toLine).join('')}\n`;
}

/** Its head, for a table that is printed line by line. */
export function toHead(head: Cells): string {
  return toLine(head) + toLine(head.map((_cell, column) => (column === 0 ? '---' : '---:')));
}

/** One line of it. */
export function toLine(cells: Cells): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** A figure in so many decimals, or `-` where nothing was measured. */
export function toFigure(value: number | undefined, decimals: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(decimals);
}

/** What a figure should come to; nothing is asked for where it is empty. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The figure with its goal and whether it is reached; the figures as printed decide. */
export function judged(value: number | undefined, decimals: number, { atMost, atLeast }: Goal): string {
  const figure = toFigure(value, decimals);
  const goal = toFigure(atMost ?? atLeast, decimals);
  if (figure === '-' || goal === '-') return figure;
  const isReached = atMost === undefined ? Number(figure) >= Number(goal) : Number(figure) <= Number(goal);
  return `${figure} (${atMost === undefined ? '≥' : '≤'} ${Number(goal)}) ${isReached ? '✓' : '✗'}`;
}
