import { WORDS } from '../failover/text.ts';

/** What a good answer says, in pieces as they are streamed. */
export const PIECES: readonly string[] = Array.from({ length: 12 }, (_, at) =>
  WORDS.slice(at * 5, at * 5 + 5)
    .map((word, index) => (at + index === 0 ? word : ` ${word}`))
    .join(''),
);
export const TEXT = PIECES.join('');

/** An answer that fits into no buffer between the provider and the caller. */
export const LONG_PIECE = ' endless'.repeat(4096);
export const LONG_PIECES = 384;
export const LONG_CHARS = LONG_PIECE.length * LONG_PIECES;

/** What the tool is called with. */
export const TOOL = { name: 'weather', args: { city: 'Basel', days: [1, 2, 3] } };

/** Asked about by its length: the provider answers with the number of characters it got. */
export const BIG_PROMPT = 'A megabyte of words. '.repeat(50_000);
