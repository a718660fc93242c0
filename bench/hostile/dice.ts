import { createChance } from '../../lab/chance.ts';

/** Choices that are the same ones for the same seed. */
export interface Dice {
  pick<T>(list: readonly T[]): T;
  /** A whole number from 0, less than the limit. */
  below(limit: number): number;
  happens(share: number): boolean;
}

export function createDice(seed: number): Dice {
  const random = createChance(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    happens: (share) => random() < share,
  };
}

/** A list of words, written as a text. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
