import { ANYTHING, type CharSet, NOTHING, WORDLY } from './char-set.ts';
import type { PatternNode } from './pattern-syntax.ts';

/** The set of characters at each place of a text. */
export type Shape = readonly CharSet[];

/** More alternatives than these are not told apart one by one. */
const MAX_SHAPES = 48;
const MAX_LENGTH = 24;

/** What the next character must be for the node, or what follows it, to match. */
export function firstOf(node: PatternNode, follow: CharSet): CharSet {
  switch (node.kind) {
    case 'char':
      return node.set;
    case 'assertion':
    case 'look':
      // At the end of a pattern the next character does not matter, but whether this holds does.
      return follow === NOTHING ? ANYTHING : follow;
    case 'reference':
      return ANYTHING;
    case 'repeat': {
      const again = firstOf(node.body, follow) | follow;
      const first = firstOf(node.body, again);
      return node.min === 0 || node.max === 0 ? first | follow : first;
    }
    case 'sequence':
      return node.items.reduceRight((after, item) => firstOf(item, after), follow);
    case 'either':
      return node.branches.reduce((all, branch) => all | firstOf(branch, follow), NOTHING);
    default:
      throw node satisfies never;
  }
}

interface End {
  readonly shape: Shape;
  /** Whether the shape is all of what the node matches. */
  readonly isWhole: boolean;
}

/** What every text that the node matches begins with, or ends with where `fromEnd` (then from right to left). */
function endOf(node: PatternNode, fromEnd: boolean): End {
  switch (node.kind) {
    case 'char':
      return { shape: [node.set], isWhole: true };
    case 'assertion':
    case 'look':
      return { shape: [], isWhole: true };
    case 'reference':
      return { shape: [], isWhole: false };
    case 'repeat': {
      if (node.min === 0) return { shape: [], isWhole: node.max === 0 };
      const once = endOf(node.body, fromEnd);
      return { shape: once.shape, isWhole: once.isWhole && node.max === 1 };
    }
    case 'sequence':
      return joined((fromEnd ? node.items.toReversed() : node.items).map((item) => endOf(item, fromEnd)));
    case 'either':
      return merged(node.branches.map((branch) => endOf(branch, fromEnd)));
    default:
      throw node satisfies never;
  }
}

function joined(ends: readonly End[]): End {
  const shape: CharSet[] = [];
  for (const end of ends) {
    shape.push(...end.shape);
    if (!end.isWhole || shape.length > MAX_LENGTH) return { shape, isWhole: false };
  }
  return { shape, isWhole: true };
}

function merged(ends: readonly End[]): End {
  const shortest = Math.min(...ends.map(({ shape }) => shape.length));
  const shape = Array.from({ length: shortest }, (_, at) => union(ends.map((end) => end.shape[at] ?? NOTHING)));
  return { shape, isWhole: ends.every((end) => end.isWhole && end.shape.length === shortest) };
}

function union(sets: readonly CharSet[]): CharSet {
  return sets.reduce((all, set) => all | set, NOTHING);
}

/** What texts that the node matches begin with; from right to left, what they end with. */
export function endsOf(node: PatternNode, fromEnd: boolean): readonly Shape[] {
  const whole = shapesOf(node)?.map(withoutBoundaries);
  if (whole === undefined) return [endOf(node, fromEnd).shape];
  return fromEnd ? whole.map((shape) => shape.toReversed()) : whole;
}

/** Whether one text can begin with a shape of each. */
export function areCompatible(some: readonly Shape[], others: readonly Shape[]): boolean {
  return some.some((a) => others.some((b) => agree(a, b)));
}

function agree(a: Shape, b: Shape): boolean {
  for (let at = 0; at < a.length && at < b.length; at++) if (((a[at] ?? 0n) & (b[at] ?? 0n)) === NOTHING) return false;
  return true;
}

/**
 * All shapes of what the node matches; null where they are too many, or have no end. One that begins at the edge of a word has
 * the character before it, too.
 */
export function shapesOf(node: PatternNode): readonly Shape[] | null {
  const known = KNOWN.get(node);
  if (known !== undefined) return known;
  const shapes = listShapes(node);
  KNOWN.set(node, shapes);
  return shapes;
}

/** Asked for at every level of a pattern. */
const KNOWN = new WeakMap<PatternNode, readonly Shape[] | null>();

function listShapes(node: PatternNode): readonly Shape[] | null {
  switch (node.kind) {
    case 'char':
      return [[node.set]];
    case 'assertion':
      return node.isBoundary ? [[BOUNDARY]] : [[]];
    case 'look':
      return [[]];
    case 'reference':
      return null;
    case 'repeat':
      return repeated(node);
    case 'sequence':
      return node.items.reduce<readonly Shape[] | null>((all, item) => crossed(all, shapesOf(item)), [[]]);
    case 'either': {
      const all = node.branches.map(shapesOf);
      return all.every((shapes) => shapes !== null) && all.flat().length <= MAX_SHAPES ? all.flat() : null;
    }
    default:
      throw node satisfies never;
  }
}

function repeated({ body, min, max }: Extract<PatternNode, { kind: 'repeat' }>): readonly Shape[] | null {
  if (max > MAX_LENGTH) return null;
  const all: Shape[] = min === 0 ? [[]] : [];
  let times: readonly Shape[] | null = [[]];
  for (let count = 1; count <= max; count++) {
    times = crossed(times, shapesOf(body));
    if (times === null || all.length > MAX_SHAPES) return null;
    if (count >= min) all.push(...times);
  }
  return all.length <= MAX_SHAPES ? all : null;
}

/** Stands in a shape for `\b`. */
const BOUNDARY: CharSet = -1n;

/** Each of the first with each of the second behind it; null where these are too many. */
export function crossed(first: readonly Shape[] | null, second: readonly Shape[] | null): readonly Shape[] | null {
  if (first === null || second === null || first.length * second.length > MAX_SHAPES) return null;
  const all = first.flatMap((a) => second.map((b) => [...a, ...b]));
  return all.every(({ length }) => length <= MAX_LENGTH) ? all : null;
}

/** How far apart two places are at least at which texts of these shapes end. */
export function spacingOf(shapes: readonly Shape[]): number {
  // From right to left: all end at one place.
  const backward = shapes.map((shape) => withContext(shape).toReversed());
  const longest = Math.max(...backward.map(({ length }) => length));
  for (let shift = 1; shift < longest; shift++) {
    const later = backward.map((shape) => shape.slice(shift));
    if (areCompatible(later, backward)) return shift;
  }
  return longest;
}

/** The characters around it, too: a word that begins or ends with `\b` stands beside something else. */
function withContext(shape: Shape): Shape {
  const plain = withoutBoundaries(shape);
  const isWord = (set: CharSet | undefined): boolean => set !== undefined && (set & ~WORDLY) === NOTHING;
  const before = shape[0] === BOUNDARY && isWord(plain[0]) ? [ANYTHING & ~WORDLY] : [];
  const after = shape.at(-1) === BOUNDARY && isWord(plain.at(-1)) ? ANYTHING & ~WORDLY : ANYTHING;
  return [...before, ...plain, after];
}

function withoutBoundaries(shape: Shape): Shape {
  return shape.filter((set) => set !== BOUNDARY);
}
