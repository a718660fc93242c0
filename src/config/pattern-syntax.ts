import { type Chars, charsOf } from './char-set.ts';

/** A regular expression, as far as it matters how long it takes. */
export type PatternNode =
  | { readonly kind: 'char'; readonly set: Chars['set']; readonly weight: number }
  /** `^` and `$`, which hold at one place, or `\b` and `\B`. */
  | { readonly kind: 'assertion'; readonly isEdge: boolean; readonly isBoundary: boolean }
  | { readonly kind: 'reference'; readonly group: string }
  | { readonly kind: 'look'; readonly body: PatternNode }
  | { readonly kind: 'repeat'; readonly body: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'either'; readonly branches: readonly PatternNode[] };

/** A pattern as read. */
export interface PatternTree {
  readonly root: PatternNode;
  /** By number and by name. */
  readonly groups: ReadonlyMap<string, PatternNode>;
  /** How many groups stand within each other. */
  readonly depth: number;
}

/** The signs of a pattern under the flag `u`: an opening, an escape, a class, a repetition, or a character. */
const SIGNS =
  /\((?:\?(?:<?[=!]|[a-z]*(?:-[a-z]*)?:|<[^>]+>))?|\\(?:[pP]\{[^}]*\}|k<[^>]*>|u\{[^}]*\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|x..|c.|\d+|.)|\[(?:\\.|[^\]\\])*\]|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/** Reads a pattern that is known to be good under the flags `iu`. */
export function parsePattern(pattern: string): PatternTree {
  const reader: Reader = {
    signs: [...pattern.matchAll(SIGNS)].map(([sign]) => sign),
    at: 0,
    groups: new Map(),
    chars: new Map(),
    opened: 0,
    depth: 0,
    deepest: 0,
    // With the flag m of a group, ^ and $ hold at every line.
    isMultiline: /\(\?[a-z]*m/.test(pattern),
  };
  const root = readEither(reader, false);
  return { root, groups: reader.groups, depth: reader.deepest };
}

interface Reader {
  readonly signs: readonly string[];
  readonly groups: Map<string, PatternNode>;
  readonly chars: Map<string, Chars>;
  readonly isMultiline: boolean;
  at: number;
  opened: number;
  depth: number;
  deepest: number;
}

/** @param isBackward inside of a look behind, where matching goes from right to left */
function readEither(reader: Reader, isBackward: boolean): PatternNode {
  const branches = [readSequence(reader, isBackward)];
  while (reader.signs[reader.at] === '|') {
    reader.at++;
    branches.push(readSequence(reader, isBackward));
  }
  return branches.length === 1 && branches[0] ? branches[0] : { kind: 'either', branches };
}

function readSequence(reader: Reader, isBackward: boolean): PatternNode {
  const items: PatternNode[] = [];
  for (let sign = reader.signs[reader.at]; sign !== undefined && sign !== '|' && sign !== ')'; ) {
    reader.at++;
    items.push(readRepetition(reader, readItem(reader, sign, isBackward)));
    sign = reader.signs[reader.at];
  }
  return { kind: 'sequence', items: isBackward ? items.reverse() : items };
}

function readItem(reader: Reader, sign: string, isBackward: boolean): PatternNode {
  if (sign.startsWith('(')) return readGroup(reader, sign, isBackward);
  if (sign === '^' || sign === '$') return { kind: 'assertion', isEdge: !reader.isMultiline, isBoundary: false };
  if (sign === '\\b' || sign === '\\B') return { kind: 'assertion', isEdge: false, isBoundary: sign === '\\b' };
  const group = /^\\(?:([1-9]\d*)|k<(.*)>)$/s.exec(sign);
  if (group) return { kind: 'reference', group: group[1] ?? group[2] ?? '' };
  const chars = reader.chars.get(sign) ?? charsOf(sign);
  reader.chars.set(sign, chars);
  return { kind: 'char', ...chars };
}

function readGroup(reader: Reader, opening: string, isBackward: boolean): PatternNode {
  const name = /^\(\?<([^=!].*)>$/s.exec(opening)?.[1];
  const isCapturing = opening === '(' || name !== undefined;
  const number = isCapturing ? ++reader.opened : 0;
  const isLook = /^\(\?<?[=!]$/.test(opening);
  reader.depth++;
  reader.deepest = Math.max(reader.deepest, reader.depth);
  const body = readEither(reader, isLook ? opening.startsWith('(?<') : isBackward);
  reader.depth--;
  reader.at++; // the closing one
  if (isCapturing) reader.groups.set(String(number), body);
  if (name !== undefined) reader.groups.set(name, body);
  return isLook ? { kind: 'look', body } : body;
}

function readRepetition(reader: Reader, body: PatternNode): PatternNode {
  const range = rangeOf(reader.signs[reader.at] ?? '');
  if (range === null) return body;
  reader.at++;
  return { kind: 'repeat', body, ...range };
}

function rangeOf(sign: string): { readonly min: number; readonly max: number } | null {
  const [, least, range, most] = /^\{(\d+)(,(\d*))?\}/.exec(sign) ?? [];
  if (least !== undefined) {
    const endless = most === '' ? Number.POSITIVE_INFINITY : Number(most);
    return { min: Number(least), max: range === undefined ? Number(least) : endless };
  }
  if (!/^[*+?]\??$/.test(sign)) return null;
  return { min: sign.startsWith('+') ? 1 : 0, max: sign.startsWith('?') ? 1 : Number.POSITIVE_INFINITY };
}

/** How many characters it takes at least and at most; without end: infinite. */
export function lengthOf(node: PatternNode, { groups }: PatternTree): { readonly min: number; readonly max: number } {
  const of = (child: PatternNode, open: readonly string[]): { min: number; max: number } => {
    switch (child.kind) {
      case 'char':
        return { min: 1, max: 1 };
      case 'assertion':
      case 'look':
        return { min: 0, max: 0 };
      case 'reference': {
        const group = open.includes(child.group) ? undefined : groups.get(child.group);
        return { min: 0, max: group ? of(group, [...open, child.group]).max : 0 };
      }
      case 'repeat': {
        const { min, max } = of(child.body, open);
        return { min: min * child.min, max: max === 0 ? 0 : max * child.max };
      }
      case 'sequence': {
        const lengths = child.items.map((item) => of(item, open));
        return { min: sum(lengths.map(({ min }) => min)), max: sum(lengths.map(({ max }) => max)) };
      }
      case 'either': {
        const lengths = child.branches.map((branch) => of(branch, open));
        return { min: Math.min(...lengths.map(({ min }) => min)), max: Math.max(...lengths.map(({ max }) => max)) };
      }
      default:
        throw child satisfies never;
    }
  };
  return of(node, []);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
