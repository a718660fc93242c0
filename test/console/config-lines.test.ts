import { describe, expect, it } from 'vitest';
import { rangeOf, rowsOf } from '../../console/src/pages/config/lines.ts';

describe('the lines of a file', () => {
  it('have their numbers, and long runs of empty ones are one row', () => {
    const rows = rowsOf('a\n\n\nb\n\n \n\n\nc\n');
    expect(rows.map((row) => ('line' in row ? row.line : [row.from, row.to]))).toEqual([1, 2, 3, 4, [5, 8], 9]);
    expect(rowsOf('\n\n\n\n').map((row) => 'line' in row)).toEqual([false]);
    expect(rowsOf('\n\na')).toHaveLength(3);
    expect(rowsOf('')).toEqual([{ line: 1, pieces: [] }]);
  });

  it('are cut at their references to the environment', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as it stands in a file.
    const [row] = rowsOf('key: "${A_KEY}", other: ${B:-***} ${1} $C');
    expect(row).toEqual({
      line: 1,
      pieces: [
        { text: 'key: "', variable: null },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as it stands in a file.
        { text: '${A_KEY}', variable: 'A_KEY' },
        { text: '", other: ', variable: null },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as it stands in a file.
        { text: '${B:-***}', variable: 'B' },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what is none, too.
        { text: ' ${1} $C', variable: null },
      ],
    });
  });
});

describe('a place in a text', () => {
  it.each([
    [1, 1, 'one'],
    [2, 3, 'o: 2'],
    [3, 1, ''],
    [4, 99, ''],
    [99, 1, ''],
  ])('in line %i, column %i marks the rest of the line', (line, column, marked) => {
    const text = 'one\ntwo: 2\n\nfour';
    expect(text.slice(...rangeOf(text, line, column))).toBe(marked);
  });
});
