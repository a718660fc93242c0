import { findOverlap, LEAST_TEXT } from './overlap.ts';
import { findPreamble, isLikePreamble } from './preamble.ts';

/** How the answer of a model that was told to go on is joined to what the client has. */
export type Seam =
  /** It shows when more of the answer is there. */
  | { readonly kind: 'open' }
  /** `text` comes next: what was said without its first `cut` characters, of which `repeated` had been sent. */
  | { readonly kind: 'sure'; readonly text: string; readonly cut: number; readonly repeated: number }
  /** No way of joining them is certain to give one text. */
  | { readonly kind: 'unsure' };

/** Sentences of announcement that are looked behind. */
const MOST_PREAMBLES = 3;
/** Waiting for more than was sent and this, to be sure, would be waiting for the whole answer. */
const MOST_HELD = 2000;

const OPEN: Seam = { kind: 'open' };
const UNSURE: Seam = { kind: 'unsure' };

/**
 * Where what was said goes on after what was sent. Sure is what repeats the last words, or everything, to the letter; or
 * what can only be the middle of a sentence, with its white space.
 * @param sent what the client has
 * @param said the beginning of the new answer
 * @param isOver true when `said` is all of it
 */
export function findSeam(sent: string, said: string, isOver: boolean): Seam {
  if (!isOver && said.length > sent.length + MOST_HELD) return UNSURE;
  let at = 0;
  for (let skipped = 0; skipped <= MOST_PREAMBLES; skipped++) {
    const begins = at + leadingSpace(said.slice(at)).length;
    const repeated = seamByWords(sent, said, begins, isOver);
    if (repeated !== null) return repeated;
    const preamble = skipped < MOST_PREAMBLES ? preambleOf(sent, said.slice(begins), isOver) : NO_PREAMBLE;
    if (preamble.kind === 'open') return OPEN;
    if (preamble.kind === 'none') return seamBySpace(sent, said, at, isOver);
    at = begins + preamble.length;
  }
  return UNSURE;
}

const NO_PREAMBLE = { kind: 'none' } as const;

/** The line that opens a code block again counts as one, and dots that stand for what was sent. */
function preambleOf(sent: string, said: string, isOver: boolean): ReturnType<typeof findPreamble> {
  const [dots] = /^(?:…|\.\.\.)/.exec(said) ?? [];
  if (dots !== undefined) return { kind: 'found', length: dots.length };
  const [fence] = isInFence(sent) ? (/^```[\w+#.-]*[ \t]*\n/.exec(said) ?? []) : [];
  if (fence !== undefined) return { kind: 'found', length: fence.length };
  return findPreamble(said, isOver);
}

/** Null where no words are repeated. */
function seamByWords(sent: string, said: string, begins: number, isOver: boolean): Seam | null {
  const words = sent.trimEnd();
  const overlap = findOverlap(words, said.slice(begins), isOver);
  if (overlap.kind === 'none') return null;
  if (overlap.kind !== 'found') return overlap.kind === 'open' ? OPEN : UNSURE;
  const end = begins + overlap.length;
  const has = sent.slice(words.length);
  const space = leadingSpace(said.slice(end));
  if (has === '') return joined(said, end, overlap.length);
  // Its own white space after the words that repeat comes before it is known to be all.
  if (!isOver && end + space.length === said.length) return OPEN;
  const isOther = !space.startsWith(has) && space.includes('\n');
  return joined(said, isOther ? end : end + Math.min(space.length, has.length), overlap.length);
}

function joined(said: string, cut: number, repeated: number, between = ''): Seam {
  return { kind: 'sure', text: between + said.slice(cut), cut: cut - between.length, repeated };
}

const SENTENCE_END = /[.!?:…。！？：]["'”’»)\]*_`]*\s*$|\n\s*$|[-*|#>]\s*$/u;

/**
 * Without words that repeat, only what no answer begins with is a rest: a small letter, or a mark, in the middle of a
 * sentence. An answer that begins anew in other words begins with a capital, a heading, a list.
 */
function seamBySpace(sent: string, said: string, at: number, isOver: boolean): Seam {
  // After an announcement one line break, or one space, belongs to it.
  const from = at === 0 ? 0 : at + (/^(?:\n+| )/.exec(said.slice(at))?.[0].length ?? 0);
  const rest = said.slice(from);
  if (!isOver && rest.trimStart().length < LEAST_TEXT) return OPEN;
  const space = leadingSpace(rest);
  const begins = rest.slice(space.length);
  const hasDots = at > 0 && /(?:…|\.\.\.|```[^\n]*\n)\s*$/.test(said.slice(0, from));
  if (begins === '') return at === 0 && isOver && said === '' ? joined(said, 0, 0) : UNSURE;
  if (hasDots || isInFence(sent) || SENTENCE_END.test(sent) || isInlineCode(sent)) return UNSURE;
  if (firstWord(begins) === firstWord(sent) || (space === '' && isLikePreamble(begins))) return UNSURE;
  const gap = sent.slice(sent.trimEnd().length);
  // Where the first word has no capital, another answer need not have one either.
  const isPlain = /^\s*\p{Lu}/u.test(sent) || space !== '';
  if (!isPlain || /[^ ]/.test(space) || /[^ ]/.test(gap)) return UNSURE;
  return joinMiddle({ sent, said, from, space, gap, begins });
}

interface Middle {
  readonly sent: string;
  readonly said: string;
  readonly from: number;
  readonly space: string;
  readonly gap: string;
  readonly begins: string;
}

/** One sentence goes on: with a space of its own, after one, or with a mark. */
function joinMiddle({ sent, said, from, space, gap, begins }: Middle): Seam {
  const start = from + space.length;
  const isWord = /^\p{Ll}/u.test(begins);
  if (space !== '') {
    const isMiddle = isWord || /^[\p{N}(–—=+&/%€$]/u.test(begins);
    return isMiddle ? joined(said, gap === '' ? from : start, 0) : UNSURE;
  }
  if (gap !== '') return isWord ? joined(said, from, 0) : UNSURE;
  if (/^(?:[,;:!?)\]}%]|\.(?!\.))(?=\s|$)/u.test(begins))
    return /[\p{L}\p{N})]$/u.test(sent) ? joined(said, from, 0) : UNSURE;
  if (isWord && /[,;]$/.test(sent)) return joined(said, from, 0, ' ');
  return isWord && isOneWord(sent, begins) ? joined(said, from, 0) : UNSURE;
}

/** True where the last letters sent and the first ones said are a word that was sent before, and no words themselves. */
function isOneWord(sent: string, said: string): boolean {
  const [first = ''] = /[\p{L}\p{N}]+$/u.exec(sent) ?? [];
  const [second = ''] = /^[\p{L}\p{N}]+/u.exec(said) ?? [];
  const words = new Set(sent.slice(0, sent.length - first.length).match(/[\p{L}\p{N}]+/gu));
  return first !== '' && words.has(first + second) && !words.has(first) && !words.has(second);
}

/** An odd number of fences stands before the end: a block of code is open. */
function isInFence(text: string): boolean {
  return (text.match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1;
}

function isInlineCode(text: string): boolean {
  return (text.slice(text.lastIndexOf('\n') + 1).match(/`/g)?.length ?? 0) % 2 === 1;
}

function firstWord(text: string): string {
  return /[\p{L}\p{N}]+/u.exec(text)?.[0] ?? '';
}

function leadingSpace(text: string): string {
  return text.slice(0, text.length - text.trimStart().length);
}
