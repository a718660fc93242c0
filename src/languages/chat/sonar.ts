import { type AnswerFields, type ChunkDelta, choiceDelta, type Delta } from '../../protocol/delta.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { type CitedSource, citationAnnotations } from '../citations.ts';
import { createThinkingSplitter, splitThinking } from './thinking.ts';

/** Perplexity's chat shape, which third-party hosts still speak: sources beside the choices. */
export function isSonarShaped(body: JsonRecord): boolean {
  return Array.isArray(body['citations']) || Array.isArray(body['search_results']);
}

/** The sources that `[1]`, `[2]` … in the text refer to. */
function sourcesOf(body: JsonRecord): Map<number, CitedSource> {
  const results = recordsOf(body['search_results']);
  const titles = new Map(results.map((result) => [stringOf(result['url']), stringOf(result['title']) ?? '']));
  const citations = Array.isArray(body['citations']) ? body['citations'] : results.map((result) => result['url']);
  const sources = new Map<number, CitedSource>();
  citations.forEach((url: unknown, order) => {
    if (typeof url === 'string') sources.set(order + 1, { url, title: titles.get(url) ?? '' });
  });
  return sources;
}

/** What Perplexity tells of its sources beside the choices, for clients that look for it there. */
export function sourceFields(body: JsonRecord): Pick<AnswerFields, 'citations' | 'search_results'> {
  const { citations, search_results: results } = body;
  return {
    ...(Array.isArray(citations) ? { citations: citations.filter((url) => typeof url === 'string') } : {}),
    ...(Array.isArray(results) ? { search_results: results } : {}),
  };
}

/** Sonar-shaped answers: thinking out of the text, `[n]` markers into annotations. Others stay as they are. */
export function withSources(delta: ChunkDelta, body: JsonRecord): ChunkDelta {
  if (!isSonarShaped(body)) return delta;
  const { reasoning, text } = splitThinking(delta.content ?? '');
  const annotations = delta.annotations ?? citationAnnotations(text, sourcesOf(body));
  return {
    ...delta,
    content: text,
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
  };
}

/** Follows a Sonar-shaped stream: every chunk repeats the sources, and markers in the text point at them. */
export interface SonarReader {
  add(chunk: JsonRecord): void;
  /** Moves `<think>` text of the content to the reasoning. */
  split(delta: ChunkDelta): void;
  end(): readonly Delta[];
}

/** One reader for one stream; Sonar gives one choice. */
export function createSonarReader(): SonarReader {
  const splitter = createThinkingSplitter();
  let last: JsonRecord = {};
  let text = '';
  let isAnnotated = false;
  const place = (delta: ChunkDelta, piece: { reasoning: string; text: string }): void => {
    if (piece.reasoning) delta.reasoning_content = piece.reasoning;
    if (piece.text) delta.content = piece.text;
    text += piece.text;
  };
  return {
    add(chunk) {
      if (isSonarShaped(chunk)) last = chunk;
    },
    split(delta) {
      isAnnotated ||= delta.annotations !== undefined;
      if (delta.content === undefined || delta.content === null) return;
      const piece = splitter.push(delta.content);
      delete delta.content;
      place(delta, piece);
    },
    end() {
      const delta: ChunkDelta = {};
      place(delta, splitter.end());
      const annotations = isAnnotated ? [] : citationAnnotations(text, sourcesOf(last));
      if (annotations.length > 0) delta.annotations = annotations;
      return [choiceDelta(0, delta), { type: 'answer', fields: sourceFields(last) }];
    },
  };
}
