/** The end of a sentence, of a line, or of one in Chinese or Japanese. */
const END = /[.!?…:](?=\s)|\n|[。！？]/g;

/** Marks of Markdown, which are not read. */
const MARKS = /[*_`#>|]+/g;

/** The whole sentences of a text that grows, after so many characters of it. @returns them as they are read aloud, and how far they go */
export function sentencesAfter(text: string, from: number): { readonly words: string; readonly until: number } {
  const last = [...text.slice(from).matchAll(END)].at(-1);
  const until = last === undefined ? from : from + last.index + last[0].length;
  return { words: readable(text.slice(from, until)), until };
}

/** A text without what only shows how it looks. */
export function readable(text: string): string {
  return text.replace(MARKS, '').replace(/\s+/g, ' ').trim();
}
