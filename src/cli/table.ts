/** Rows as lines with aligned columns, two spaces apart. @param isRight columns of numbers end at the same place */
export function alignColumns(rows: readonly (readonly string[])[], isRight: (column: number) => boolean): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isRight(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/**
 * Lines as text that a terminal prints and does not obey: clients make up names of models, and an escape sequence in one
 * could rewrite the screen. Neither are there the marks that turn the direction of writing.
 */
export function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '\ufffd')}\n`).join('');
}
