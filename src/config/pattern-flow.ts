import { ANYTHING, type CharSet, NOTHING } from './char-set.ts';
import { areCompatible, type Shape } from './pattern-shape.ts';
import type { PatternNode } from './pattern-syntax.ts';

/** So many characters of a message are looked at. */
const LENGTH = 501;
const PLACES = LENGTH + 1;

/** How matching stands at one point of a pattern, over all beginnings in the worst text. */
export interface Flow {
  /** Ways that lead here. */
  readonly paths: number;
  /** Places whose next character is one with which it can go on. */
  readonly live: number;
  /** Ways that lead to the same place of the text, at most. */
  readonly crowd: number;
  /** Places of the text to which ways lead, at most; and how far these are apart, at least. */
  readonly places: number;
  readonly spacing: number;
  /** What the character before may be. */
  readonly before: CharSet;
  /** Nanoseconds spent so far. */
  readonly cost: number;
}

/** One beginning. */
export const ONE: Flow = { paths: 1, live: 1, crowd: 1, places: 1, spacing: 1, before: ANYTHING, cost: 0 };
/** A beginning at every place. */
export const EVERYWHERE: Flow = { ...ONE, paths: PLACES, live: PLACES, places: PLACES };
/** Where the ways multiply without end. */
export const ENDLESS: Flow = { ...EVERYWHERE, cost: Number.POSITIVE_INFINITY };

type Repeat = Extract<PatternNode, { kind: 'repeat' }>;
/** How often something is repeated. */
export type Range = Pick<Repeat, 'min' | 'max'>;

// What the steps take, in nanoseconds of a compiled pattern on one core; those of characters are in `char-set.ts`.
const EDGE = 2;
const BOUNDARY = 4;
/** Comparing with what a group has matched leaves the compiled code. */
const REFERENCE = 20;
const REFERENCE_CHAR = 17;
const ROUND = 8;
/** A run counts as it goes on, and comes back step by step. */
const RUN = { again: 1, counted: 2, back: 1 };

/** One character is tried. */
export function overChar(flow: Flow, set: CharSet, weight: number): Flow {
  const { live, crowd, cost, paths } = flow;
  return { ...flow, paths: live, crowd: Math.min(crowd, live), before: set, cost: cost + paths * weight };
}

/** An assertion that may hold anywhere. @param before what the character before may be, where it does */
export function overBoundary(flow: Flow, before: CharSet): Flow {
  return { ...flow, before, cost: flow.cost + flow.paths * BOUNDARY };
}

/** An assertion that holds at one place. */
export function overEdge(flow: Flow): Flow {
  const paths = Math.min(flow.paths, flow.crowd);
  const cost = flow.cost + flow.paths * EDGE;
  return { ...flow, paths, live: Math.min(flow.live, paths), crowd: paths, places: 1, spacing: 1, cost };
}

/** @param longest what the group may have matched */
export function overReference({ paths, cost }: Flow, longest: number): Flow {
  const each = REFERENCE + Math.min(longest, LENGTH) * REFERENCE_CHAR;
  return { ...EVERYWHERE, paths, live: paths, crowd: paths, cost: cost + paths * each };
}

/** A character that is repeated. @param follow what the next one must be, behind the run */
export function overRun(flow: Flow, set: CharSet, weight: number, { min, max }: Range, follow: CharSet): Flow {
  const most = Math.min(max, LENGTH);
  const ways = Math.max(1, most - min + 1);
  // Behind another character, a run that reaches a place began at one place only.
  const isFresh = (flow.before & set) === NOTHING;
  const crowd = isFresh ? flow.crowd : Math.min(flow.paths, flow.crowd * ways);
  const taken = Math.min(walk(flow, most), LENGTH * flow.crowd * (isFresh ? 1 : most));
  const paths = Math.min(walk(flow, ways - 1) + flow.paths, PLACES * crowd);
  // Before another character, it goes on from the end of the run only.
  const live = (follow & set) === NOTHING ? Math.min(paths, flow.paths) : paths;
  const before = min > 0 ? set : set | flow.before;
  const step = weight + RUN.again + (Number.isFinite(max) && max > 1 ? RUN.counted : 0);
  const cost = flow.cost + (flow.paths + taken) * step + paths * RUN.back;
  return { paths, live, crowd, places: PLACES, spacing: 1, before, cost };
}

/** Repeats what can be read in one way only. @param once one round of it @param length of its shortest text */
export function overRounds(flow: Flow, once: Flow, length: number, { min, max }: Range): Flow {
  const most = Math.min(max, Math.floor(LENGTH / length));
  const begun = flow.paths + walk(flow, most);
  const paths = begun * Math.max(1, once.paths);
  const crowd = Math.min(paths, flow.crowd * Math.max(1, most - min + 1) * Math.max(1, once.paths));
  const before = min === 0 ? once.before | flow.before : once.before;
  const cost = flow.cost + begun * (ROUND + once.cost);
  return { paths, live: begun, crowd, places: PLACES, spacing: 1, before, cost };
}

/** How many steps all paths together can go on through the text, each for so many at most. */
function walk({ paths, crowd, spacing }: Flow, most: number): number {
  const reach = Math.min(most, LENGTH);
  // They begin as early as they can, and towards the end of the text they have less and less to go.
  const places = Math.min(Math.ceil(paths / crowd), Math.floor(LENGTH / spacing) + 1);
  const early = Math.min(places, Math.floor((LENGTH - reach) / spacing) + 1);
  const late = places - early;
  return crowd * (early * reach + late * (LENGTH - early * spacing) - (spacing * late * (late - 1)) / 2);
}

/** The ways of several flows together, at the cost of none. */
export function together(flows: readonly Flow[]): Flow {
  const paths = sum(flows, 'paths');
  return {
    paths,
    live: Math.min(paths, sum(flows, 'live')),
    crowd: Math.min(paths, sum(flows, 'crowd')),
    places: Math.min(PLACES, sum(flows, 'places')),
    spacing: 1,
    before: flows.reduce((all, { before }) => all | before, NOTHING),
    cost: 0,
  };
}

/** Where places lie so far apart, there are fewer of them, and of the paths to them. */
export function spaced(flow: Flow, spacing: number): Flow {
  const places = Math.min(flow.places, Math.ceil(PLACES / spacing));
  const paths = Math.min(flow.paths, places * flow.crowd);
  const crowd = Math.min(flow.crowd, paths);
  return { ...flow, places, spacing: Math.max(spacing, flow.spacing), paths, live: Math.min(flow.live, paths), crowd };
}

type Figure = 'paths' | 'live' | 'crowd' | 'places' | 'cost';

/** A figure of all of them together. */
export function sum(flows: readonly Flow[], figure: Figure): number {
  return flows.reduce((total, flow) => total + flow[figure], 0);
}

/** The sum over those that can hold of one text. @param ends of the texts of each */
export function worst(flows: readonly Flow[], figure: Figure, ends: readonly (readonly Shape[])[]): number {
  const sums = ends.map((end) =>
    sum(
      flows.filter((_, index) => areCompatible(end, ends[index] ?? [])),
      figure,
    ),
  );
  return Math.max(...sums);
}
