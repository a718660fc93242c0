import type { PatternNode } from '../../src/config/pattern-syntax.ts';

type Next = (at: number) => boolean;

/**
 * How many characters a plain backtracking matcher tries before it knows whether a text holds the pattern: what no
 * compiled one needs more of. Gives up beyond a limit. Groups that look around count as true; the text is ASCII.
 */
export function countTries(root: PatternNode, text: string, limit: number): number {
  let tries = 0;
  const bits = [...text].map((char) => 1n << BigInt(char.charCodeAt(0)));
  const isWord = (at: number): boolean => /\w/.test(text[at] ?? '');

  function match(node: PatternNode, at: number, next: Next): boolean {
    if (tries > limit) return true;
    switch (node.kind) {
      case 'char':
        tries++;
        return at < bits.length && ((bits[at] ?? 0n) & node.set) !== 0n && next(at + 1);
      case 'assertion':
        if (node.isBoundary) return isWord(at - 1) !== isWord(at) && next(at);
        return (!node.isEdge || at === 0 || at === bits.length) && next(at);
      case 'look':
      case 'reference':
        return next(at);
      case 'either':
        return node.branches.some((branch) => match(branch, at, next));
      case 'sequence':
        return inOrder(node.items, 0, at, next);
      case 'repeat':
        return again(node, 0, at, next);
      default:
        throw node satisfies never;
    }
  }

  function inOrder(items: readonly PatternNode[], index: number, at: number, next: Next): boolean {
    const item = items[index];
    return item === undefined ? next(at) : match(item, at, (end) => inOrder(items, index + 1, end, next));
  }

  function again(node: Extract<PatternNode, { kind: 'repeat' }>, count: number, at: number, next: Next): boolean {
    const more = (end: number): boolean => (end > at || count < node.min) && again(node, count + 1, end, next);
    if (count < node.max && match(node.body, at, more)) return true;
    return count >= node.min && next(at);
  }

  for (let start = 0; start <= text.length && !match(root, start, () => true); start++);
  return tries;
}
