import { costOf } from './pattern-cost.ts';
import { parsePattern } from './pattern-syntax.ts';

/**
 * In nanoseconds, by the count of steps: a millisecond. The worst patterns that are allowed take from half of it to a
 * little more, compiled and on a quiet core; 5 % are for what is common and known to be faster (`\s+$`).
 */
const MAX_COST = 1_050_000;
/** Of all patterns of a model together: a message may be held against each of them. */
const MAX_SUM = 10 * MAX_COST;
/** Beyond these they would take long to judge. */
const MAX_LENGTH = 1000;
const MAX_DEPTH = 12;

/** What a regular expression of a rule comes to. */
export interface PatternVerdict {
  /** What is wrong with it; null when it is good. */
  readonly problem: string | null;
  /** Nanoseconds that it takes at most, as counted; 0 when it is not good. */
  readonly cost: number;
}

/**
 * Judges a regular expression of a rule. Those that could hold the gateway up on some message are refused: everybody
 * who may call it may write that message.
 */
export function judgePattern(pattern: string): PatternVerdict {
  const mistake = mistakeIn(pattern);
  if (mistake !== null) return { problem: mistake, cost: 0 };
  const tree = parsePattern(pattern);
  if (tree.depth > MAX_DEPTH) return { problem: `expected at most ${MAX_DEPTH} groups within each other`, cost: 0 };
  const cost = costOf(tree);
  if (cost <= MAX_COST) return { problem: null, cost };
  return { problem: cost === Number.POSITIVE_INFINITY ? NESTED : MANY, cost: 0 };
}

/** What is wrong with patterns that are good each for itself; null when they are good together. */
export function sumProblem(costs: readonly number[]): string | null {
  const sum = costs.reduce((total, cost) => total + cost, 0);
  if (sum <= MAX_SUM) return null;
  return `on some messages all patterns together would take ${Math.ceil(sum / 1e6)} ms, of at most 10: ${ADVICE}`;
}

function mistakeIn(pattern: string): string | null {
  if (pattern.trim() === '') return 'expected a regular expression, found an empty one';
  if (pattern.length > MAX_LENGTH) return `expected at most ${MAX_LENGTH} characters in a pattern; make it several`;
  try {
    new RegExp(pattern, 'iu');
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '') : String(error);
    return `expected a regular expression, found one with a mistake: ${reason}`;
  }
}

const ADVICE =
  'begin with a word and \\b, give repetitions a small limit as in .{0,40}, and let what follows one be something ' +
  'that it cannot hold itself, as in \\s+\\w';
const NESTED =
  'on some messages this would take forever: what is repeated may be read in one way only, without repetitions and ' +
  'alternatives of its own that overlap';
const MANY = `on some messages this would take longer than a millisecond: ${ADVICE}`;
