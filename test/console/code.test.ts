import { describe, expect, it } from 'vitest';
import { type CodePiece, highlight } from '../../console/src/markdown/highlight.ts';
import { isClosedCode, slicesOf } from '../../console/src/markdown/slices.ts';

function lines(count: number): string {
  return Array.from({ length: count }, (_line, at) => `line ${at};`).join('\n');
}

function textOf(pieces: readonly CodePiece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : textOf(piece.pieces))).join('');
}

function kindsIn(pieces: readonly CodePiece[]): readonly string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.kind, ...kindsIn(piece.pieces)]));
}

describe('a code block', () => {
  it('is cut into parts of forty lines, of which only the last one grows', () => {
    const slices = slicesOf(lines(100), false);
    expect(slices.map(({ text }) => text.split('\n').length - 1)).toEqual([40, 40, 19]);
    expect(slices.map(({ isFull }) => isFull)).toEqual([true, true, false]);
    expect(slices.map(({ text }) => text).join('')).toBe(lines(100));
    expect(slicesOf(lines(120), false).slice(0, 2)).toEqual(slices.slice(0, 2));
  });

  it('has one part at least, which is full when the block is closed', () => {
    expect(slicesOf('', false)).toEqual([{ text: '', isFull: false }]);
    expect(slicesOf(lines(40), true)).toEqual([{ text: lines(40), isFull: true }]);
    expect(slicesOf(`${lines(40)}\n`, true)).toEqual([{ text: `${lines(40)}\n`, isFull: true }]);
  });

  it.each([
    ['```js\nlet a;\n```', true],
    ['```js\nlet a;\n```\n\n', true],
    ['````\n```\n````', true],
    ['~~~\na\n~~~~', true],
    ['    indented', true],
    ['```js\nlet a;\n', false],
    ['```', false],
    ['````\n```', false],
    ['```js\nlet a;\n``` not', false],
  ])('%j is closed: %s', (raw, isClosed) => {
    expect(isClosedCode(raw)).toBe(isClosed);
  });
});

describe('highlighting', () => {
  it.each([
    ['ts', 'const a: string = `x`; // <b>', 'keyword'],
    ['html', '<p class="a">&amp;</p><script>let a = 1;</script>', 'language-javascript'],
    ['sh', 'echo "$HOME"', 'built_in'],
    ['c', 'int main() { return 0; }', 'type'],
    ['py', 'def f(x):\n    return "y"', 'keyword'],
  ])('gives %s in pieces that say its very words', (language, code, kind) => {
    const pieces = highlight(code, language) ?? [];
    expect(textOf(pieces)).toBe(code);
    expect(kindsIn(pieces)).toContain(kind);
  });

  it('knows fourteen languages, and says so of another', () => {
    for (const name of 'bash cpp css diff go java javascript json python rust sql typescript xml yaml'.split(' ')) {
      expect([name, highlight('a', name) === null]).toEqual([name, false]);
    }
    expect(highlight('a', 'klingon')).toBeNull();
  });
});
