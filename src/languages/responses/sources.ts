import type { Annotation, AnswerFields } from '../../protocol/delta.ts';
import { countOf, type JsonRecord, numberOf, recordsOf, stringOf } from '../../protocol/json.ts';
import { type CitedSource, citationAnnotations } from '../citations.ts';

/** OpenAI's citations are flat and count from the start of their part: `offset` is where that part begins. */
export function toAnnotation(value: JsonRecord, offset: number): Annotation | null {
  const url = stringOf(value['url']);
  if (value['type'] !== 'url_citation' || url === null) return null;
  return {
    type: 'url_citation',
    url_citation: {
      start_index: offset + countOf(value['start_index']),
      end_index: offset + countOf(value['end_index']),
      url,
      title: stringOf(value['title']) ?? '',
    },
  };
}

/** Perplexity's search results of one answer. A later search that repeats an id replaces the earlier result. */
export interface SearchSources {
  add(item: JsonRecord): void;
  /** Null when nothing was found. */
  fields(): Pick<AnswerFields, 'citations' | 'search_results'> | null;
  /** Annotations for the `[n]` markers of the text. */
  annotations(text: string): Annotation[];
}

/** One for one answer. */
export function createSearchSources(): SearchSources {
  const results = new Map<number, JsonRecord>();
  const ordered = () => [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
  return {
    add(item) {
      if (item['type'] !== 'search_results') return;
      for (const result of recordsOf(item['results'])) {
        const id = numberOf(result['id']);
        if (id !== null && typeof result['url'] === 'string') results.set(id, result);
      }
    },
    fields() {
      if (results.size === 0) return null;
      const found = ordered();
      return { citations: found.map((result) => String(result['url'])), search_results: found };
    },
    annotations(text) {
      const sources = [...results].map(([id, result]) => [id, toSource(result)] as const);
      return citationAnnotations(text, new Map(sources));
    },
  };
}

function toSource(result: JsonRecord): CitedSource {
  return { url: String(result['url']), title: stringOf(result['title']) ?? '' };
}
