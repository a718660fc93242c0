import type { ChunkDelta } from '../../protocol/delta.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { createReportedText } from './reported-text.ts';
import { toAnnotation } from './sources.ts';

/** Where the text of a content or summary part goes. */
const FIELD_OF_TEXT = {
  output_text: 'content',
  refusal: 'refusal',
  summary_text: 'reasoning_content',
  reasoning_text: 'reasoning_content',
} as const;

export type TextType = keyof typeof FIELD_OF_TEXT;

const TEXT_TYPES = Object.keys(FIELD_OF_TEXT) as TextType[];

/** The texts and citations of one answer. Every method gives what the client was not told yet, or nothing. */
export interface ResponsesText {
  /** All of the visible text so far. */
  content(): string;
  hasCitations(): boolean;
  add(type: TextType, part: string, piece: string): ChunkDelta | null;
  annotate(part: string, annotation: JsonRecord): ChunkDelta[];
  /** A part that is whole. Parts of unknown type are skipped. */
  close(part: string, body: JsonRecord): ChunkDelta[];
  /**
   * All output items at the end. By their sum, not one by one: an item's place in the whole answer may differ
   * from its place in the stream.
   */
  closeAll(output: readonly JsonRecord[]): ChunkDelta[];
}

/** One for one answer. */
export function createResponsesText(): ResponsesText {
  const reported = {
    output_text: createReportedText(),
    refusal: createReportedText(),
    summary_text: createReportedText(),
    reasoning_text: createReportedText(),
  } satisfies Record<TextType, unknown>;
  const starts = new Map<string, number>();
  const cited = new Map<string, number>();
  let citations = 0;

  const say = (type: TextType, text: string): ChunkDelta[] => (text === '' ? [] : [{ [FIELD_OF_TEXT[type]]: text }]);

  const startPart = (type: TextType, part: string): void => {
    if (type === 'output_text' && !starts.has(part)) starts.set(part, reported.output_text.all().length);
  };

  const citeRest = (part: string, places: readonly PartPlace[]): ChunkDelta[] => {
    const missing = places.slice(cited.get(part) ?? 0);
    cited.set(part, (cited.get(part) ?? 0) + missing.length);
    citations += missing.length;
    return cite(missing);
  };

  return {
    content: reported.output_text.all,
    hasCitations: () => citations > 0,
    add(type, part, piece) {
      startPart(type, part);
      reported[type].add(part, piece);
      return piece === '' ? null : { [FIELD_OF_TEXT[type]]: piece };
    },
    annotate(part, annotation) {
      cited.set(part, (cited.get(part) ?? 0) + 1);
      citations++;
      return cite([{ annotation, offset: starts.get(part) ?? 0 }]);
    },
    close(part, body) {
      const type = TEXT_TYPES.find((known) => known === body['type']);
      if (type === undefined) return [];
      startPart(type, part);
      const text = say(type, reported[type].rest(part, textOf(body)));
      return [...text, ...citeRest(part, placesIn(body, starts.get(part) ?? 0))];
    },
    closeAll(output) {
      const parts = output.flatMap((item) => [...recordsOf(item['summary']), ...recordsOf(item['content'])]);
      const texts = TEXT_TYPES.flatMap((type) => {
        const whole = parts.filter((part) => part['type'] === type).map(textOf);
        return say(type, reported[type].restOfAll(whole.join('')));
      });
      return [...texts, ...cite(placesInAll(parts).slice(citations))];
    },
  };
}

/** A citation, and where its part begins in the text of the answer. */
interface PartPlace {
  readonly annotation: JsonRecord;
  readonly offset: number;
}

function placesIn(part: JsonRecord, offset: number): PartPlace[] {
  return recordsOf(part['annotations']).map((annotation) => ({ annotation, offset }));
}

function placesInAll(parts: readonly JsonRecord[]): PartPlace[] {
  let offset = 0;
  const places: PartPlace[] = [];
  for (const part of parts) {
    if (part['type'] !== 'output_text') continue;
    for (const place of placesIn(part, offset)) places.push(place);
    offset += textOf(part).length;
  }
  return places;
}

function cite(places: readonly PartPlace[]): ChunkDelta[] {
  const found = places.map(({ annotation, offset }) => toAnnotation(annotation, offset));
  const annotations = found.filter((annotation) => annotation !== null);
  return annotations.length > 0 ? [{ annotations }] : [];
}

function textOf(part: JsonRecord): string {
  return stringOf(part['text']) ?? stringOf(part['refusal']) ?? '';
}
