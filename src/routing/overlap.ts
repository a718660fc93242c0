/** How much of what was told an answer begins with once more. */
export type Overlap =
  /** Whether, and how much, is known when more of the answer is there. */
  | { readonly kind: 'open' }
  | { readonly kind: 'none' }
  /** It may be a repetition, or the text itself: it cannot be told. */
  | { readonly kind: 'unclear' }
  /** So many characters at the end of what was told, and then at the beginning of the answer. */
  | { readonly kind: 'found'; readonly length: number };

/** Fewer letters than this decide nothing while more may come. */
export const LEAST_TEXT = 16;
/** Where a text repeats itself more often, no place in it can be found by its words. */
const MOST_PLACES = 64;
/** The least overlap in scripts whose letters are words. */
const LEAST_CASELESS = 8;
/** Characters between a word and itself: a comma, a space. */
const MOST_BETWEEN = 3;

/**
 * The longest end of `sent` with which `said` begins, from the beginning of a word on.
 * @param told without white space at its end
 * @param said without white space at its beginning
 */
export function findOverlap(sent: string, said: string, isOver: boolean): Overlap {
  if (!isOver && said.length < LEAST_TEXT) return { kind: 'open' };
  const places = placesOf(sent, said.slice(0, LEAST_TEXT));
  if (places === null) return { kind: 'unclear' };
  // What is left of what was told is longer than what was said so far: the answer may still reach its end.
  const isOpen = places.some((at) => sent.length - at > said.length && sent.startsWith(said, at));
  if (isOpen && !isOver) return { kind: 'open' };
  if (isOver && said !== '' && said.length < sent.length && sent.startsWith(said)) return { kind: 'unclear' };
  const [at, other] = places.filter((place) => said.startsWith(sent.slice(place)));
  if (at === undefined) return { kind: 'none' };
  const repeated = sent.slice(at);
  // Words that stand twice at the end may be the text's own repetition.
  const isTwice = other !== undefined && 2 * (sent.length - other) + MOST_BETWEEN >= repeated.length;
  const isOnce = !isTwice && !sent.slice(0, at).trimEnd().endsWith(repeated);
  const isSure = at === 0 || (isOnce && isDistinctive(repeated, sent));
  return isSure ? { kind: 'found', length: sent.length - at } : { kind: 'unclear' };
}

/** Where in `sent` the answer's first letters stand, as far as they reach; null where they do so all over. */
function placesOf(sent: string, first: string): number[] | null {
  const places: number[] = [];
  for (let at = sent.indexOf(first); at >= 0 && first !== ''; at = sent.indexOf(first, at + 1)) {
    if (isWordStart(sent, at)) places.push(at);
    if (places.length > MOST_PLACES) return null;
  }
  for (let at = Math.max(0, sent.length - first.length + 1); at < sent.length; at++) {
    if (isWordStart(sent, at) && first.startsWith(sent.slice(at))) places.push(at);
  }
  return places;
}

const WORD = /[\p{L}\p{N}]/u;
/** Letters of scripts that put no space between words, among others. */
const CASELESS = /\p{Lo}/u;

function isWordStart(text: string, at: number): boolean {
  const [before = '', here = ''] = [text.charAt(at - 1), text.charAt(at)];
  return at === 0 || (here.trim() !== '' && !(WORD.test(before) && WORD.test(here) && !CASELESS.test(here)));
}

/**
 * True for words that do not stand twice by chance: two of them, or a longer one. Another answer may begin with words
 * that a sentence of this one begins with: with a capital, it takes more of them.
 */
function isDistinctive(text: string, sent: string): boolean {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const isMiddle = /^\p{Ll}/u.test(text) && /^\P{L}*\p{Lu}/u.test(sent);
  if (!isMiddle) return letters >= (CASELESS.test(text) ? LEAST_CASELESS : LEAST_TEXT);
  return words > 1 ? letters > 2 : letters > 3;
}
