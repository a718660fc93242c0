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
  readonly #keepsNumbers: boolean;
  #number = 0;
  #frames = '';

  /**
   * @param isStream false where only the whole answer is asked for: then no frame is built
   * @param padding at least 16 random characters, for `obfuscation` beside every delta; null without it
   * @param keepsNumbers whether events of a provider keep theirs: by them it is asked for the rest
   */
  constructor(isStream: boolean, padding: (() => string) | null, keepsNumbers = false) {
    this.#isStream = isStream;
    this.#keepsNumbers = keepsNumbers;
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

  /** A piece of a text as its provider wrote it, under the next number. */
  copy(type: string, text: string): void {
    if (!this.#isStream) return;
    if (this.#keepsNumbers) this.#goOnFrom(numberIn(text));
    this.#write(type, numbered(text, this.#number));
  }

  /** Another event as its provider wrote it, under the next number. @param event what its text says */
  pass(type: string, event: JsonRecord, text: string): void {
    if (!this.#isStream) return;
    if (this.#keepsNumbers) this.#goOnFrom(event['sequence_number']);
    if (event['sequence_number'] === this.#number) this.#write(type, text);
    else this.addEvent(type, event);
  }

  /** An event of a provider with something of ours in it. */
  addEvent(type: string, event: JsonRecord): void {
    if (!this.#isStream) return;
    if (this.#keepsNumbers) this.#goOnFrom(event['sequence_number']);
    this.#write(type, JSON.stringify({ ...event, sequence_number: this.#number }));
  }

  /** The frames since it was last asked for. */
  take(): string {
    const frames = this.#frames;
    this.#frames = '';
    return frames;
  }

  #goOnFrom(number: unknown): void {
    if (typeof number === 'number') this.#number = number;
  }

  /** A text of several lines would be several fields. */
  #write(type: string, text: string): void {
    this.#number++;
    this.#frames += `event: ${type}\ndata: ${text.includes('\n') ? text.replace(/\s*\n\s*/g, ' ') : text}\n\n`;
  }

  #obfuscate(text: string, padding: () => string): string {
    const missing = PAD_CHARS - (text.length % PAD_CHARS);
    return `,"obfuscation":${JSON.stringify(padding().slice(-missing))}`;
  }
}

/** In the JSON of a string the quotes would be escaped: what is found is the event's own field. */
const NUMBER = /"sequence_number":\s*(\d+)/;

function numberIn(text: string): number | null {
  const [, number] = NUMBER.exec(text) ?? [];
  return number === undefined ? null : Number(number);
}

function numbered(text: string, number: number): string {
  const match = NUMBER.exec(text);
  if (match === null) return text.replace('{', `{"sequence_number":${number},`);
  return Number(match[1]) === number ? text : text.replace(match[0], `"sequence_number":${number}`);
}

function headOf(type: string): string {
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
}
