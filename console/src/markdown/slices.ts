/** So many lines are highlighted at once, and laid out as a box of their own. */
const SLICE_LINES = 40;

/** Code of more characters stays plain: its colours are not worth the time. */
export const MAX_HIGHLIGHTED = 240_000;

/** A part of a code block. */
export interface Slice {
  readonly text: string;
  /** Nothing is added to it any more. */
  readonly isFull: boolean;
}

/** Code in parts of 40 lines, each with the end of its last line. @param isClosed whether the block is whole: else its last part grows */
export function slicesOf(code: string, isClosed: boolean): readonly Slice[] {
  const slices: Slice[] = [];
  let start = 0;
  for (let end = endOfLines(code, 0); end < code.length; end = endOfLines(code, end)) {
    slices.push({ text: code.slice(start, end), isFull: true });
    start = end;
  }
  return [...slices, { text: code.slice(start), isFull: isClosed }];
}

/** Where the next part ends: behind the line break of its last line, or at the end of the code. */
function endOfLines(code: string, from: number): number {
  let at = from;
  for (let line = 0; line < SLICE_LINES; line++) {
    const found = code.indexOf('\n', at);
    if (found < 0) return code.length;
    at = found + 1;
  }
  return at;
}

/** True for a block that has its end: indented code always has, and a fence has with its closing line. @param raw as written */
export function isClosedCode(raw: string): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  if (fence === undefined) return true;
  const lines = raw.trimEnd().split('\n');
  const last = (lines.length > 1 ? lines.at(-1) : '')?.trim() ?? '';
  return last.startsWith(fence) && last === last[0]?.repeat(last.length);
}
