/** What something matches: a bit for each ASCII character, two for ſ and the sign of Kelvin, one for all others. */
export type CharSet = bigint;

/** What one sign of a pattern matches, and how much dearer than a plain character it is to try. */
export interface Chars {
  readonly set: CharSet;
  readonly weight: number;
}

/** The empty set. */
export const NOTHING: CharSet = 0n;
/** What the dot matches, and a line break. */
export const ANYTHING: CharSet = (1n << 131n) - 1n;
const OTHERS: CharSet = 1n << 130n;

/** Without regard to case, ſ is an s and the sign of Kelvin is a k. */
const ALONE = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), '\u017f', '\u212a'];
/** Signs that may match others: the dot, what is negated, properties, characters by number, and what is beyond ASCII. */
const OPEN = /^\.$|^\[\^|\\[DWSPpux]|\P{ASCII}/u;
const SPACE_BEYOND_ASCII = '\u00a0';

/**
 * Whatever the case, and never less than it really matches.
 * @param sign a character, an escape, a class or the dot, good under the flag `u`
 */
export function charsOf(sign: string): Chars {
  // Most signs are letters, and all but s and k have no third form.
  if (/^[a-jl-rt-z ]$/i.test(sign)) return { set: bitOf(sign.toLowerCase()) | bitOf(sign.toUpperCase()), weight: 2 };
  const pattern = new RegExp(`^(?:${sign})$`, 'isu');
  let set = OPEN.test(sign) || pattern.test(SPACE_BEYOND_ASCII) ? OTHERS : NOTHING;
  for (const [bit, char] of ALONE.entries()) if (pattern.test(char)) set |= 1n << BigInt(bit);
  // Nothing at all stands for the end of a pattern; the empty class is not that.
  return { set: set || OTHERS, weight: weightOf(sign) };
}

function bitOf(char: string): CharSet {
  return 1n << BigInt(char.charCodeAt(0));
}

/** In nanoseconds. A property is a list of hundreds of ranges; what may be an emoji looks at two halves of one. */
function weightOf(sign: string): number {
  if (/\\[pP]/.test(sign)) return 45;
  if (/^\.$|^\[\^|\\[DWS]|[\u{10000}-\u{10FFFF}]|\\u(?:\{|[dD][89abAB])/u.test(sign)) return 15;
  return /^\[|^\\[dws]/.test(sign) ? 4 : 2;
}

/** Characters of words, as `\b` knows them. */
export const WORDLY: CharSet = charsOf('\\w').set;
