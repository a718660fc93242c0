/** A piece of a line: text, or a reference to a variable of the environment. */
export interface Piece {
  readonly text: string;
  /** The variable that it names; null for plain text. */
  readonly variable: string | null;
}

/** Lines from 1: one of a file, or a run of empty ones, which is shown as one. */
export type Row =
  | { readonly line: number; readonly pieces: readonly Piece[] }
  | { readonly from: number; readonly to: number };

/** Fewer empty lines than these stay as they are. */
const LONG_GAP = 4;

/** The lines of a text. Long runs of empty ones are put together: what is shown of a file has no comments. */
export function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let empty = 0;
  const endGap = (last: number): void => {
    if (empty >= LONG_GAP) rows.push({ from: last - empty + 1, to: last });
    else for (let line = last - empty + 1; line <= last; line++) rows.push({ line, pieces: [] });
    empty = 0;
  };
  const lines = text.replace(/\n$/, '').split('\n');
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') empty++;
    else {
      endGap(at);
      rows.push({ line: at + 1, pieces: piecesOf(line) });
    }
  }
  endGap(lines.length);
  return rows;
}

/** A line cut at its references: `${NAME}` and `${NAME:-default}`. */
function piecesOf(line: string): readonly Piece[] {
  const parts = line.split(/(\$\{[A-Za-z_]\w*(?::-[^}]*)?\})/).filter((text) => text !== '');
  return parts.map((text) => ({ text, variable: /^\$\{([A-Za-z_]\w*)/.exec(text)?.[1] ?? null }));
}

/** Where the rest of a line stands in a text. @param line from 1 @param column from 1, where it begins */
export function rangeOf(text: string, line: number, column: number): readonly [begin: number, end: number] {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const length = lines[line - 1]?.length ?? 0;
  const begin = before + Math.min(length, Math.max(0, column - 1));
  return [Math.min(text.length, begin), Math.min(text.length, before + length)];
}
