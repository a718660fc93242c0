import type { Strategy } from '../config/group-schema.ts';
import type { Target } from './target.ts';

/** One way to serve a request, standing in a group. */
export interface Way {
  /** Greater than 0. */
  readonly weight: number;
  /** The target that would be asked first. */
  readonly target: Target;
}

/** What the strategies look at. */
export interface Figures {
  /** From 0 to 1. */
  random(): number;
  /** USD for this very request; null when a price is not known. */
  costOf(target: Target): number | null;
  /** How long the first token takes, in milliseconds; null when it was never measured. */
  speedOf(target: Target): number | null;
  inFlightOf(target: Target): number;
}

/** How often `fastest` asks another than the fastest: a slow target that has become fast would not be found else. */
const EXPLORATION = 0.05;

/** The ways in the order in which they are asked; equal ones keep the order of the configuration. */
export function arrange<T extends Way>(strategy: Strategy, ways: readonly T[], figures: Figures): T[] {
  if (ways.length < 2) return [...ways];
  switch (strategy) {
    case 'order':
      return [...ways];
    case 'weighted':
      // Efraimidis and Spirakis: each place is drawn by weight from what is left.
      return sorted(ways, ({ weight }) => -(figures.random() ** (1 / weight)));
    case 'cheapest':
      return sorted(ways, ({ target }) => figures.costOf(target) ?? Number.POSITIVE_INFINITY);
    case 'fastest':
      return explored(
        sorted(ways, ({ target }) => expectedMs(target, figures)),
        figures,
      );
    case 'least-busy':
      return sorted(ways, ({ target }) => figures.inFlightOf(target));
    default:
      return strategy satisfies never;
  }
}

function sorted<T>(ways: readonly T[], rankOf: (way: T) => number): T[] {
  const ranked = ways.map((way) => ({ way, rank: rankOf(way) }));
  // Infinity minus itself is no number.
  return ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank)).map(({ way }) => way);
}

/** Who was never measured gets a turn, but one at a time: a burst must not meet the unknown as a whole. */
function expectedMs(target: Target, { speedOf, inFlightOf }: Figures): number {
  return speedOf(target) ?? (inFlightOf(target) === 0 ? 0 : Number.POSITIVE_INFINITY);
}

function explored<T extends Way>(ways: readonly T[], { random, speedOf }: Figures): T[] {
  const isExploring = ways[0] !== undefined && speedOf(ways[0].target) === null;
  if (isExploring || random() >= EXPLORATION) return [...ways];
  const lucky = ways[1 + Math.floor(random() * (ways.length - 1))];
  return lucky === undefined ? [...ways] : [lucky, ...ways.filter((way) => way !== lucky)];
}
