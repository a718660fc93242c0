import type { Annotation, ChunkDelta } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';
import { createWrittenText } from './grounding.ts';
import { createSoundReader } from './sound.ts';

/** Reads the parts of one candidate that are content: text, code and what it printed, images, sound. */
export interface ContentReader {
  /** True when anything but thoughts was read. */
  hasAnswer(): boolean;
  /** @param isFirst true for the first part of an event, which may go on with the part before it */
  read(part: JsonRecord, isFirst: boolean): ChunkDelta;
  annotations(grounding: JsonRecord): Annotation[];
  /** What was held back until the end. */
  end(): ChunkDelta;
}

/** @param showsCode false when the client expects pure JSON, which code blocks would break */
export function createContentReader(newId: NewId, showsCode: boolean): ContentReader {
  const written = createWrittenText();
  const sound = createSoundReader(newId);
  let content = '';
  let hasMedia = false;
  let lastKind = '';

  const write = (text: string): ChunkDelta => {
    content += text;
    return text === '' ? {} : { content: text };
  };

  const readMedia = (media: JsonRecord): ChunkDelta => {
    const type = stringOf(media['mimeType']) ?? 'image/png';
    const data = stringOf(media['data']) ?? '';
    hasMedia = true;
    if (type.startsWith('audio/')) return sound.read(data);
    return { images: [{ type: 'image_url', image_url: { url: `data:${type};base64,${data}` } }] };
  };

  const readText = (text: string, isThought: boolean): ChunkDelta => {
    if (isThought) return text === '' ? {} : { reasoning_content: text };
    written.add(text, content.length);
    return write(text);
  };

  return {
    hasAnswer: () => content !== '' || hasMedia,
    read(part, isFirst) {
      const isThought = part['thought'] === true;
      const text = stringOf(part['text']);
      const kind = text === null ? '' : isThought ? 'thought' : 'text';
      if (!isFirst || kind === '' || kind !== lastKind) written.beginPart();
      lastKind = kind;
      if (text !== null) return readText(text, isThought);
      // Images among the thoughts are drafts.
      if (isThought) return {};
      if (isRecord(part['inlineData'])) return readMedia(part['inlineData']);
      return write(showsCode ? fenced(part, content) : '');
    },
    annotations: written.annotations,
    end: sound.end,
  };
}

/** The code that Google ran, or what it printed, as a block; empty for parts of other kinds. */
function fenced({ executableCode: code, codeExecutionResult: result }: JsonRecord, before: string): string {
  if (isRecord(code)) {
    const language = (stringOf(code['language']) ?? '').toLowerCase().replace('language_unspecified', '');
    return fence(language, stringOf(code['code']) ?? '', before);
  }
  const output = isRecord(result) ? stringOf(result['output']) : null;
  return output ? fence('', output, before) : '';
}

/** A block of its own, whatever stands before it; its fence is longer than any in the text. */
function fence(language: string, text: string, before: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  const breaks = before === '' ? 2 : /\n{0,2}$/.exec(before)?.[0].length;
  const gap = '\n'.repeat(2 - (breaks ?? 0));
  return `${gap}${marks}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${marks}\n\n`;
}
