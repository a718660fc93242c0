import type { Annotation, ChunkDelta } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';
import { createSoundReader, type SoundReader } from './audio.ts';
import { WrittenText } from './grounding.ts';

/** Reads the parts of one candidate that are content: text, code and what it printed, images, sound. */
export class ContentReader {
  readonly #written = new WrittenText();
  readonly #newId: NewId;
  #sound: SoundReader | null = null;
  readonly #showsCode: boolean;
  #chars = 0;
  /** Line breaks that end the text, at most two; at the beginning a block needs no more either. */
  #breaks = 2;
  #hasMedia = false;
  #lastKind = '';

  /** @param showsCode false when the client expects pure JSON, which code blocks would break */
  constructor(newId: NewId, showsCode: boolean) {
    this.#newId = newId;
    this.#showsCode = showsCode;
  }

  /** True when anything but thoughts was read. */
  hasAnswer(): boolean {
    return this.#chars > 0 || this.#hasMedia;
  }

  /** @param isFirst true for the first part of an event, which may go on with the part before it */
  read(part: JsonRecord, isFirst: boolean): ChunkDelta {
    const isThought = part['thought'] === true;
    const text = stringOf(part['text']);
    const kind = text === null ? '' : isThought ? 'thought' : 'text';
    if (!isFirst || kind === '' || kind !== this.#lastKind) this.#written.beginPart();
    this.#lastKind = kind;
    if (text !== null) return this.#readText(text, isThought);
    // Images among the thoughts are drafts.
    if (isThought) return {};
    if (isRecord(part['inlineData'])) return this.#readMedia(part['inlineData']);
    return this.#write(this.#showsCode ? fenced(part, this.#breaks) : '');
  }

  annotations(grounding: JsonRecord): Annotation[] {
    return this.#written.annotations(grounding);
  }

  /** What was held back until the end. */
  end(): ChunkDelta {
    return this.#sound?.end() ?? {};
  }

  #readText(text: string, isThought: boolean): ChunkDelta {
    if (isThought) return text === '' ? {} : { reasoning_content: text };
    this.#written.add(text, this.#chars);
    return this.#write(text);
  }

  #write(text: string): ChunkDelta {
    if (text === '') return {};
    this.#chars += text.length;
    this.#breaks = breaksAtEnd(text, this.#breaks);
    return { content: text };
  }

  #readMedia(media: JsonRecord): ChunkDelta {
    const type = stringOf(media['mimeType']) ?? 'image/png';
    const data = stringOf(media['data']) ?? '';
    this.#hasMedia = true;
    if (type.startsWith('audio/')) {
      this.#sound ??= createSoundReader(this.#newId);
      return this.#sound.read(data);
    }
    return { images: [{ type: 'image_url', image_url: { url: `data:${type};base64,${data}` } }] };
  }
}

/** @param before those that the text follows on */
function breaksAtEnd(text: string, before: number): number {
  if (!text.endsWith('\n')) return 0;
  if (text === '\n') return Math.min(before + 1, 2);
  return text.endsWith('\n\n') ? 2 : 1;
}

/**
 * The code that Google ran, or what it printed, as a block; empty for parts of other kinds.
 * @param breaks line breaks before it, at most two
 */
function fenced({ executableCode: code, codeExecutionResult: result }: JsonRecord, breaks: number): string {
  if (isRecord(code)) {
    const language = (stringOf(code['language']) ?? '').toLowerCase().replace('language_unspecified', '');
    return fence(language, stringOf(code['code']) ?? '', breaks);
  }
  const output = isRecord(result) ? stringOf(result['output']) : null;
  return output ? fence('', output, breaks) : '';
}

/** A block of its own, whatever stands before it; its fence is longer than any in the text. */
function fence(language: string, text: string, breaks: number): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const marks = '`'.repeat(longest + 1);
  const gap = '\n'.repeat(2 - breaks);
  return `${gap}${marks}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${marks}\n\n`;
}
