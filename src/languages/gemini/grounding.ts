import type { Annotation } from '../../protocol/delta.ts';
import { countOf, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

interface TextPiece {
  readonly at: number;
  readonly contentAt: number;
}

/**
 * What the model wrote, as Google counts it, and where each piece of it stands in the content we gave. Google's offsets
 * are UTF-8 bytes of one part; annotations count UTF-16 units of the content.
 */
export class WrittenText {
  readonly #pieces: TextPiece[] = [];
  /** How much was written before each part of the answer. */
  readonly #partStarts: number[] = [];
  #whole = '';
  /** How far behind its place in the content a text stands that goes on with the last piece. */
  #offset = -1;

  /** Call at every part of the answer, also at those that are no text: Google counts them. */
  beginPart(): void {
    this.#partStarts.push(this.#whole.length);
  }

  /** @param contentAt where in the content this text begins */
  add(text: string, contentAt: number): void {
    const at = this.#whole.length;
    // A stream adds every token: what goes on where the last piece ended is no new one.
    if (contentAt - at !== this.#offset) this.#pieces.push({ at, contentAt });
    this.#offset = contentAt - at;
    this.#whole += text;
  }

  annotations(metadata: JsonRecord): Annotation[] {
    const sources = recordsOf(metadata['groundingChunks']).map(readSource);
    if (sources.length === 0) return [];
    const annotations: Annotation[] = [];
    const unused = new Set(sources.keys());
    const bytes = Buffer.from(this.#whole);
    for (const support of recordsOf(metadata['groundingSupports'])) {
      const range = this.#locate(recordOf(support['segment']), bytes);
      for (const index of indexesOf(support['groundingChunkIndices'])) {
        unused.delete(index);
        const source = sources[index];
        if (source) annotations.push({ type: 'url_citation', url_citation: { ...range, ...source } });
      }
    }
    // A source that no passage refers to is a source nevertheless.
    for (const index of unused) {
      const source = sources[index];
      if (source) annotations.push({ type: 'url_citation', url_citation: { start_index: 0, end_index: 0, ...source } });
    }
    return annotations;
  }

  /** @param bytes the whole text */
  #locate(segment: JsonRecord, bytes: Buffer): TextRange {
    const start = countOf(segment['startIndex']);
    const end = countOf(segment['endIndex']);
    const text = stringOf(segment['text']);
    const partStart = Buffer.byteLength(this.#whole.slice(0, this.#partStarts[countOf(segment['partIndex'])] ?? 0));
    const charAt = (byte: number): number => bytes.toString('utf8', 0, byte).length;
    // Streams join parts, and thoughts count or not: the quoted text tells which offset is meant.
    for (const base of [partStart, 0]) {
      if (text !== null && bytes.toString('utf8', base + start, base + end) !== text) continue;
      return this.#toRange(charAt(base + start), charAt(base + end));
    }
    const found = text ? this.#whole.indexOf(text) : -1;
    return found < 0 ? this.#toRange(charAt(start), charAt(end)) : this.#toRange(found, found + (text?.length ?? 0));
  }

  /** The end belongs to the piece of the last character, also where fenced code follows it. */
  #toRange(start: number, end: number): TextRange {
    return {
      start_index: this.#toContent(start),
      end_index: end > start ? this.#toContent(end - 1) + 1 : this.#toContent(start),
    };
  }

  #toContent(at: number): number {
    const piece = this.#pieces.findLast((candidate) => candidate.at <= at) ?? { at: 0, contentAt: 0 };
    return piece.contentAt + at - piece.at;
  }
}

interface TextRange {
  readonly start_index: number;
  readonly end_index: number;
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
