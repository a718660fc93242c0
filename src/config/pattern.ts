/** Above this, somebody could write a message that keeps the gateway busy for seconds. */
const MAX_STEPS = 1e9;
/** As often as an unlimited repetition can be repeated: no more of a message is looked at. */
const UNLIMITED = 1000;

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

interface Level {
  /** It can read one text in several ways: repeated itself, the ways multiply without end. */
  isLoose: boolean;
}

function slowness(pattern: string): string | null {
  const open: Level[] = [{ isLoose: false }];
  let closed: Level | null = null;
  // Each place in the text may be the beginning.
  let steps = UNLIMITED;
  for (const [sign] of pattern.matchAll(SIGNS)) {
    const { times, isExact } = repetitionOf(sign);
    if (times > 1 && closed?.isLoose) return NESTED;
    if (!isExact) steps *= times;
    const level = open.at(-1);
    if (level && (sign === '|' || (times > 1 && !isExact))) level.isLoose = true;
    if (sign.startsWith('(')) open.push({ isLoose: false });
    closed = sign === ')' ? (open.pop() ?? null) : null;
    const outer = open.at(-1);
    if (closed?.isLoose && outer) outer.isLoose = true;
  }
  return steps <= MAX_STEPS ? null : MANY;
}

const NESTED = 'on some messages this would take forever: what is repeated may hold no repetition and no alternatives';
const MANY = 'on some messages this would take seconds: give all repetitions but two a small limit, as in .{0,40}';

/** How often a repetition repeats at most; once for everything else. */
function repetitionOf(sign: string): { readonly times: number; readonly isExact: boolean } {
  if (/^[*+]\??$/.test(sign)) return { times: UNLIMITED, isExact: false };
  const [, least = '1', range] = /^\{(\d+)(,\d*)?\}/.exec(sign) ?? [];
  const most = range === undefined ? Number(least) : Number(range.slice(1) || UNLIMITED);
  return { times: Math.min(most, UNLIMITED), isExact: range === undefined };
}
