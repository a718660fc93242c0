import { exponential, logNormal } from '../../lab/chance.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';

/** A provider of the simulation. Times in milliseconds, prices in USD per million tokens. */
interface Character {
  readonly ttft: number;
  readonly spread: number;
  readonly tokensPerSecond: number;
  readonly input: number;
  readonly output: number;
  /** Share of the attempts that fail. */
  readonly failures: number;
  /** Calls at once from which on it refuses; the fuller, the slower. */
  readonly capacity: number;
  /** Bad minutes: how often, how long, how much slower, and how much more fails. */
  readonly moods: { readonly every: number; readonly last: number; readonly slower: number; readonly failures: number };
}

const STEADY = { every: Number.POSITIVE_INFINITY, last: 0, slower: 1, failures: 0 };

/** Who there is, in the order of the configuration. */
export const PROVIDERS = {
  moody: {
    ttft: 300,
    spread: 0.4,
    tokensPerSecond: 120,
    input: 0.5,
    output: 2.5,
    failures: 0.01,
    capacity: 24,
    moods: { every: 180_000, last: 40_000, slower: 8, failures: 0.35 },
  },
  cheap: {
    ttft: 900,
    spread: 0.6,
    tokensPerSecond: 60,
    input: 0.1,
    output: 0.5,
    failures: 0.02,
    capacity: 60,
    moods: STEADY,
  },
  swift: {
    ttft: 220,
    spread: 0.5,
    tokensPerSecond: 150,
    input: 2,
    output: 10,
    failures: 0.01,
    capacity: 18,
    moods: STEADY,
  },
  solid: {
    ttft: 550,
    spread: 0.25,
    tokensPerSecond: 90,
    input: 1,
    output: 5,
    failures: 0.003,
    capacity: 36,
    moods: STEADY,
  },
} as const satisfies Record<string, Character>;

export type ProviderName = keyof typeof PROVIDERS;

/** What comes of one attempt. */
export interface Outcome {
  /** Null when it fails before. */
  readonly ttftMs: number | null;
  readonly endMs: number;
  readonly failure: FailureKind | null;
}

/**
 * Draws what comes of an attempt.
 * @param inFlight calls that the provider is working on
 * @param at milliseconds since the beginning
 */
export function drawOutcome(
  name: ProviderName,
  tokens: number,
  inFlight: number,
  at: number,
  random: () => number,
): Outcome {
  const { ttft, spread, tokensPerSecond, failures, capacity, moods }: Character = PROVIDERS[name];
  if (inFlight > capacity) return { ttftMs: null, endMs: 50, failure: 'rate-limited' };
  const isMoody = at % moods.every < moods.last;
  if (random() < (isMoody ? moods.failures : failures)) return drawFailure(random);
  const slower = (isMoody ? moods.slower : 1) * (1 + inFlight / capacity);
  const ttftMs = logNormal(ttft * slower, spread, random);
  return { ttftMs, endMs: ttftMs + (tokens / tokensPerSecond) * 1000, failure: null };
}

/** One in five says nothing at all; the others refuse at once. */
function drawFailure(random: () => number): Outcome {
  if (random() < 0.2) return { ttftMs: null, endMs: Number.POSITIVE_INFINITY, failure: 'timeout' };
  return { ttftMs: null, endMs: exponential(200, random), failure: 'server' };
}
