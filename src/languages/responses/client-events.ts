import type { JsonRecord } from '../../protocol/json.ts';

/** What is the same on all deltas of one part, encoded once; the number and the text come between. */
export interface DeltaForm {
  readonly head: string;
  readonly place: string;
}

/** Encodes what the deltas of a part have in common. @param place names the part: `item_id`, `output_index` … */
export function deltaForm(type: string, place: JsonRecord): DeltaForm {
  return { head: headOf(type), place: `,${JSON.stringify(place).slice(1, -1)},"delta":` };
}

/** `logprobs` of a text's delta where it has none. */
export const NO_LOGPROBS = ',"logprobs":[]';

/** OpenAI's own padding fills a delta up to a multiple of this (recorded). */
const PAD_CHARS = 16;

/** The events of one stream as frames, numbered from 0 without gaps. */
export class ResponseEvents {
  readonly #isStream: boolean;
  readonly #padding: (() => string) | null;
  #number = 0;
  #frames = '';

  /**
   * @param isStream false where only the whole answer is asked for: then no frame is built
   * @param padding at least 16 random characters, for `obfuscation` beside every delta; null without it
   */
  constructor(isStream: boolean, padding: (() => string) | null) {
    this.#isStream = isStream;
    this.#padding = padding;
  }

  add(type: string, fields: JsonRecord): void {
    if (!this.#isStream) return;
    const text = JSON.stringify(fields).slice(1, -1);
    this.#frames += `${headOf(type)}${this.#number++}${text === '' ? '' : ','}${text}}\n\n`;
  }

  /** A piece of a text. @param more further fields as JSON, beginning with a comma */
  addDelta({ head, place }: DeltaForm, text: string, more = ''): void {
    if (!this.#isStream) return;
    const padding = this.#padding === null ? '' : this.#obfuscate(text, this.#padding);
    this.#frames += `${head}${this.#number++}${place}${JSON.stringify(text)}${more}${padding}}\n\n`;
  }

  /** How many there are so far. */
  count(): number {
    return this.#number;
  }

  /** The frames since it was last asked for. */
  take(): string {
    const frames = this.#frames;
    this.#frames = '';
    return frames;
  }

  #obfuscate(text: string, padding: () => string): string {
    const missing = PAD_CHARS - (text.length % PAD_CHARS);
    return `,"obfuscation":${JSON.stringify(padding().slice(-missing))}`;
  }
}

function headOf(type: string): string {
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
}
