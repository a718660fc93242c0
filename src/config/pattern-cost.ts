import { ANYTHING, type CharSet, NOTHING, WORDLY } from './char-set.ts';
import {
  ENDLESS,
  EVERYWHERE,
  type Flow,
  ONE,
  overBoundary,
  overChar,
  overEdge,
  overReference,
  overRounds,
  overRun,
  type Range,
  spaced,
  sum,
  together,
  worst,
} from './pattern-flow.ts';
import { crossed, endsOf, firstOf, type Shape, shapesOf, spacingOf } from './pattern-shape.ts';
import { lengthOf, type PatternNode, type PatternTree } from './pattern-syntax.ts';

/** What is repeated and can itself be read in several ways is followed so many times. */
const MAX_ROUNDS = 10;

/** A pattern that takes a second is judged, and rounds within rounds are not followed to their end. */
const ENOUGH = 1e9;

const LOOK = 4;
const BRANCH = 2;
const OPTION = 4;

/**
 * How many nanoseconds a backtracking matcher takes at most to find out that a message does not match, whatever the
 * message: its steps, counted, each at the time it takes. Infinite where the ways to read a text multiply without end.
 */
export function costOf(tree: PatternTree): number {
  return pass({ tree, units: new Map() }, tree.root, EVERYWHERE, NOTHING).cost;
}

interface Count {
  readonly tree: PatternTree;
  /** What a node makes of one beginning, by what follows. */
  readonly units: Map<PatternNode, Map<CharSet, Flow>>;
}

type Kind<K extends PatternNode['kind']> = Extract<PatternNode, { kind: K }>;

/** @param follow what the next character must be for what comes behind the node; nothing at the end of the pattern */
function pass(count: Count, node: PatternNode, flow: Flow, follow: CharSet): Flow {
  if (flow.cost > ENOUGH) return flow;
  switch (node.kind) {
    case 'char':
      return overChar(flow, node.set, node.weight);
    case 'assertion':
      return passAssertion(node, flow, follow);
    case 'reference':
      return overReference(flow, lengthOf(node, count.tree).max);
    case 'look':
      return { ...flow, cost: flow.cost + flow.paths * (LOOK + unit(count, node.body, NOTHING).cost) };
    case 'repeat':
      return passRepeat(count, node, flow, follow);
    case 'sequence':
      return passSequence(count, node, flow, follow);
    case 'either':
      return passEither(count, node.branches, flow, follow);
    default:
      throw node satisfies never;
  }
}

function unit(count: Count, node: PatternNode, follow: CharSet): Flow {
  const known = count.units.get(node) ?? new Map<CharSet, Flow>();
  count.units.set(node, known);
  const flow = known.get(follow) ?? pass(count, node, ONE, follow);
  known.set(follow, flow);
  return flow;
}

function passAssertion({ isEdge, isBoundary }: Kind<'assertion'>, flow: Flow, follow: CharSet): Flow {
  if (isEdge) return overEdge(flow);
  const beginsWord = isBoundary && follow !== NOTHING && (follow & ~WORDLY) === NOTHING;
  return overBoundary(flow, beginsWord ? flow.before & ~WORDLY : flow.before);
}

function passSequence(count: Count, { items }: Kind<'sequence'>, start: Flow, follow: CharSet): Flow {
  const { needed, spare } = follow === NOTHING ? splitEnd(items) : { needed: items, spare: [] };
  let flow = start;
  let shapes: readonly Shape[] = [[]];
  const follows = followsOf(needed, follow);
  for (const [index, item] of needed.entries()) {
    flow = pass(count, item, flow, follows[index] ?? follow);
    const own = shapesOf(item);
    shapes = crossed(shapes, own) ?? own ?? [[]];
    const next = needed[index + 1];
    // It makes a difference before what may be long.
    const isDue = next === undefined ? follow !== NOTHING : shapesOf(next) === null;
    if (own !== null && isDue) flow = spaced(flow, spacingOf(shapes));
  }
  // A match that comes to what may be missing has succeeded: it is tried once.
  const tries = sum(
    spare.map((item) => pass(count, item, ONE, ANYTHING)),
    'cost',
  );
  return { ...flow, cost: flow.cost + tries };
}

/** What the next character must be behind each of the items. */
function followsOf(items: readonly PatternNode[], follow: CharSet): readonly CharSet[] {
  const follows: CharSet[] = [];
  let next = follow;
  for (const item of items.toReversed()) {
    follows.push(next);
    next = firstOf(item, next);
  }
  return follows.reverse();
}

/** What may be missing at the end of a pattern is spare. */
function splitEnd(items: readonly PatternNode[]): Record<'needed' | 'spare', readonly PatternNode[]> {
  const last = items.at(-1);
  if (last?.kind !== 'repeat') return { needed: items, spare: [] };
  if (last.min > 0) return { needed: [...items.slice(0, -1), { ...last, max: last.min }], spare: [last] };
  const { needed, spare } = splitEnd(items.slice(0, -1));
  return { needed, spare: [...spare, last] };
}

function passEither(count: Count, branches: readonly PatternNode[], flow: Flow, follow: CharSet): Flow {
  const outs = branches.map((branch) => pass(count, branch, { ...flow, cost: 0 }, follow));
  const units = branches.map((branch) => unit(count, branch, follow));
  const heads = branches.map((branch) => endsOf(branch, false));
  const tails = branches.map((branch) => endsOf(branch, true));
  // Where each branch begins with a character, only those go on that have the text's next one.
  const going = heads.flat().every(({ length }) => length > 0) ? flow.live : flow.paths;
  const initials = heads.map((shapes) => shapes.map((shape) => shape.slice(0, 1)));
  const tried = Math.min(sum(outs, 'cost'), going * worst(units, 'cost', initials));
  const all = together(outs);
  const paths = Math.min(all.paths, going * worst(units, 'paths', heads));
  return {
    ...all,
    paths,
    live: Math.min(paths, all.live, going * worst(units, 'live', heads)),
    crowd: Math.min(paths, worst(outs, 'crowd', tails)),
    cost: flow.cost + flow.paths * branches.length * BRANCH + tried,
  };
}

function passRepeat(count: Count, { body, min, max }: Kind<'repeat'>, flow: Flow, follow: CharSet): Flow {
  if (max === 0) return flow;
  if (min === 1 && max === 1) return pass(count, body, flow, follow);
  const first = firstOf(body, NOTHING);
  const once = unit(count, body, first | follow);
  const length = lengthOf(body, count.tree);
  const isSingle = length.min === 1 && length.max === 1 && once.paths <= 1;
  if (isSingle) return overRun(flow, first, once.cost, { min, max }, follow);
  if (max === 1) {
    const either = passEither(count, [body, EMPTY], flow, follow);
    return { ...either, cost: either.cost + either.paths * OPTION };
  }
  if (length.min === 0) return ENDLESS;
  if (once.paths > 1 && max <= MAX_ROUNDS) return passRounds(count, body, flow, first | follow, { min, max });
  // Of the ways through a round, one alone can go on.
  return once.live <= 1 ? overRounds(flow, once, length.min, { min, max }) : ENDLESS;
}

/** Repeats what can be read in several ways, round by round. */
function passRounds(count: Count, body: PatternNode, flow: Flow, follow: CharSet, { min, max }: Range): Flow {
  const outs: Flow[] = min === 0 ? [flow] : [];
  let current = flow;
  for (let round = 1; round <= max; round++) {
    current = pass(count, body, current, follow);
    if (round >= min) outs.push(current);
  }
  return { ...together(outs), cost: current.cost };
}

const EMPTY: PatternNode = { kind: 'sequence', items: [] };
