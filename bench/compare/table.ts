/** A Markdown table: the first column is text, the others are figures. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_cell, column) => (column === 0 ? '---' : '---:'));
  return `${[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n`;
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
