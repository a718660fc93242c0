/** So many characters of a message are looked at, and each may be the beginning. */
const BEGINNINGS = 500;
/** What an unlimited repetition comes to: not 500, as two of them share the text. */
const UNLIMITED = 200;
/** What may be missing is read in one way or two, and seldom in both. */
const OPTIONAL = 1.4;
/** Measured at 0.8 s for the worst pattern that is allowed, on the worst message. */
const MAX_STEPS = 4e7;

/** The signs of a pattern: an escape, a class, an opening, a repetition, or a character. */
const SIGNS = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/**
 * What is wrong with a regular expression of a rule; null when it is good. Those that could take forever on some
 * message are refused: everybody who may call the gateway may write one.
 */
export function patternProblem(pattern: string): string | null {
  if (pattern.trim() === '') return 'expected a regular expression, found an empty one';
  try {
    new RegExp(pattern, 'iu');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '') : String(error);
    return `expected a regular expression, found one with a mistake: ${reason}`;
  }
  return slowness(pattern);
}

/** A group that is being read, or the whole. */
interface Level {
  /** It can read one text in several ways: repeated itself, the ways multiply without end. */
  isLoose: boolean;
  /** In how many ways the alternative that is being read can read a text, and the worst one before it. */
  ways: number;
  worst: number;
}

function slowness(pattern: string): string | null {
  const whole = createLevel();
  const open = [whole];
  let closed: Level | null = null;
  for (const [sign] of pattern.matchAll(SIGNS)) {
    const { times, isExact } = repetitionOf(sign);
    if (times > 1 && closed?.isLoose) return NESTED;
    const level = open.at(-1) ?? whole;
    if (!isExact) level.ways *= Math.max(times, OPTIONAL);
    level.isLoose ||= sign === '|' || (times > 1 && !isExact);
    if (sign === '|') startAlternative(level);
    if (sign.startsWith('(')) open.push(createLevel());
    closed = sign === ')' ? (open.pop() ?? null) : null;
    if (closed) absorb(open.at(-1) ?? whole, closed);
  }
  startAlternative(whole);
  return BEGINNINGS * whole.worst <= MAX_STEPS ? null : MANY;
}

function createLevel(): Level {
  return { isLoose: false, ways: 1, worst: 1 };
}

function startAlternative(level: Level): void {
  level.worst = Math.max(level.worst, level.ways);
  level.ways = 1;
}

function absorb(outer: Level, inner: Level): void {
  startAlternative(inner);
  outer.ways *= inner.worst;
  outer.isLoose ||= inner.isLoose;
}

const NESTED = 'on some messages this would take forever: what is repeated may hold no repetition and no alternatives';
const MANY = 'on some messages this would take seconds: give all repetitions but two a small limit, as in .{0,40}';

/** How often a repetition repeats at most; exactly once for everything else. */
function repetitionOf(sign: string): { readonly times: number; readonly isExact: boolean } {
  if (/^[*+]\??$/.test(sign)) return { times: UNLIMITED, isExact: false };
  if (/^\?\??$/.test(sign)) return { times: 1, isExact: false };
  const [, least = '1', range] = /^\{(\d+)(,\d*)?\}/.exec(sign) ?? [];
  const most = range === undefined ? Number(least) : Number(range.slice(1) || UNLIMITED);
  return { times: Math.min(most, UNLIMITED), isExact: range === undefined };
}
