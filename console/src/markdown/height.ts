const LETTERS_PER_LINE = 90;
const LINE_PX = 23;

/** About how high a text is, in pixels. */
export function heightOf(text: string): number {
  const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LETTERS_PER_LINE)), 0);
  return lines * LINE_PX;
}
