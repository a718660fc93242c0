import type { Annotation } from '../../protocol/delta.ts';
import { countOf, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

/** What the model wrote, as Google counts it, and where each piece of it stands in the content we gave. */
export interface WrittenText {
  /** Call at every part of the answer, also at those that are no text: Google counts them. */
  beginPart(): void;
  /** @param contentAt where in the content this text begins */
  add(text: string, contentAt: number): void;
  annotations(metadata: JsonRecord): Annotation[];
}

interface Piece {
  readonly at: number;
  readonly contentAt: number;
}

/** Google's offsets are UTF-8 bytes of one part; annotations count UTF-16 units of the content. */
export function createWrittenText(): WrittenText {
  const pieces: Piece[] = [];
  /** Where each part of the answer begins, in bytes. */
  const partStarts: number[] = [];
  let whole = '';
  let encoded: Buffer | null = null;

  const bytes = (): Buffer => {
    encoded ??= Buffer.from(whole);
    return encoded;
  };
  const toContent = (at: number): number => {
    const piece = pieces.findLast((candidate) => candidate.at <= at) ?? { at: 0, contentAt: 0 };
    return piece.contentAt + at - piece.at;
  };
  // The end belongs to the piece of the last character, also where fenced code follows it.
  const toRange = (start: number, end: number) => ({
    start_index: toContent(start),
    end_index: end > start ? toContent(end - 1) + 1 : toContent(start),
  });
  const charAt = (byte: number): number => bytes().toString('utf8', 0, byte).length;

  const locate = (segment: JsonRecord): { start_index: number; end_index: number } => {
    const start = countOf(segment['startIndex']);
    const end = countOf(segment['endIndex']);
    const text = stringOf(segment['text']);
    const partStart = partStarts[countOf(segment['partIndex'])] ?? 0;
    // Streams join parts, and thoughts count or not: the quoted text tells which offset is meant.
    for (const base of [partStart, 0]) {
      if (text !== null && bytes().toString('utf8', base + start, base + end) !== text) continue;
      return toRange(charAt(base + start), charAt(base + end));
    }
    const found = text ? whole.indexOf(text) : -1;
    return found < 0 ? toRange(charAt(start), charAt(end)) : toRange(found, found + (text?.length ?? 0));
  };

  return {
    beginPart() {
      partStarts.push(Buffer.byteLength(whole));
    },
    add(text, contentAt) {
      const last = pieces.at(-1);
      // A stream adds every token: what goes on where the last piece ended is no new one.
      const isNext = last !== undefined && contentAt - last.contentAt === whole.length - last.at;
      if (!isNext) pieces.push({ at: whole.length, contentAt });
      whole += text;
      encoded = null;
    },
    annotations(metadata) {
      const sources = recordsOf(metadata['groundingChunks']).map(readSource);
      const annotations: Annotation[] = [];
      const unused = new Set(sources.keys());
      for (const support of recordsOf(metadata['groundingSupports'])) {
        const range = locate(recordOf(support['segment']));
        for (const index of indexesOf(support['groundingChunkIndices'])) {
          unused.delete(index);
          const source = sources[index];
          if (source) annotations.push({ type: 'url_citation', url_citation: { ...range, ...source } });
        }
      }
      // A source that no passage refers to is a source nevertheless.
      for (const index of unused) {
        const source = sources[index];
        if (source)
          annotations.push({ type: 'url_citation', url_citation: { start_index: 0, end_index: 0, ...source } });
      }
      return annotations;
    },
  };
}

function indexesOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((index) => typeof index === 'number') : [];
}

/** A page, a document of the client's, or a place on the map; null when it has no address. */
function readSource(chunk: JsonRecord): { url: string; title: string } | null {
  const source = recordOf(chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps']);
  const url = stringOf(source['uri']);
  return url ? { url, title: stringOf(source['title']) ?? '' } : null;
}
