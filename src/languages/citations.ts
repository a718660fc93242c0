import type { Annotation } from '../protocol/delta.ts';

/** A page that an answer cites. */
export interface CitedSource {
  readonly url: string;
  readonly title: string;
}

/** `[7]`, and `[web:7]` in Perplexity's newer models. */
const MARKER = /\[(?:web:)?(\d{1,4})\]/g;

/**
 * One annotation per citation marker in the text, with the marker's own place as its range.
 * Markers without a source are text like any other: a year in brackets, an array index in code.
 */
export function citationAnnotations(text: string, sources: ReadonlyMap<number, CitedSource>): Annotation[] {
  if (sources.size === 0) return [];
  const annotations: Annotation[] = [];
  for (const match of text.matchAll(MARKER)) {
    const source = sources.get(Number(match[1]));
    if (source === undefined) continue;
    const range = { start_index: match.index, end_index: match.index + match[0].length };
    annotations.push({ type: 'url_citation', url_citation: { ...range, ...source } });
  }
  return annotations;
}
