import type { Annotation, ChunkDelta } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';
import { createSoundReader, type SoundReader } from './audio.ts';
import { CodeRuns, fencedCode } from './code.ts';
import { WrittenText } from './grounding.ts';

/** Code is told as such, fenced in the text, or left out where the client expects pure JSON, which blocks would break. */
export type CodeForm = 'runs' | 'fenced' | 'hidden';

/** Reads the parts of one candidate that are content: text, code and what it printed, images, sound. */
export class ContentReader {
  readonly #written = new WrittenText();
  readonly #newId: NewId;
  #sound: SoundReader | null = null;
  readonly #codeForm: CodeForm;
  readonly #runs = new CodeRuns();
  #chars = 0;
  /** Line breaks that end the text, at most two; at the beginning a block needs no more either. */
  #breaks = 2;
  /** Media, or code told as such. */
  #hasMore = false;
  #lastKind = '';

  constructor(newId: NewId, codeForm: CodeForm) {
    this.#newId = newId;
    this.#codeForm = codeForm;
  }

  /** True when anything but thoughts was read. */
  hasAnswer(): boolean {
    return this.#chars > 0 || this.#hasMore;
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
    return this.#readCode(part);
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

  #readCode(part: JsonRecord): ChunkDelta {
    if (this.#codeForm !== 'runs')
      return this.#write(this.#codeForm === 'fenced' ? fencedCode(part, this.#breaks) : '');
    const run = this.#runs.read(part);
    if (run === null) return {};
    this.#hasMore = true;
    return { code_runs: [run] };
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
    this.#hasMore = true;
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
