import type { Annotation, TokenLogprob } from '../../protocol/delta.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { type DeltaForm, deltaForm, NO_LOGPROBS } from './client-events.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

/** A message of which a part was told already. */
export interface ToldMessage {
  readonly record: JsonRecord;
  /** True where its last part goes on. */
  readonly isPartOpen: boolean;
  /** Where in all that the answer says its last part begins. */
  readonly start: number;
}

/** What a model says to the user: texts and refusals, each a part of its own. */
export class MessageItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #told: JsonRecord;
  readonly #parts: { toPart(): JsonRecord }[] = [];
  #text: SpokenText | null = null;
  #refusal: SpokenRefusal | null = null;

  constructor(place: ItemPlace, told: ToldMessage | null = null) {
    this.#place = place;
    this.#told = told?.record ?? {};
    if (told !== null) this.#goOn(told);
  }

  /** @param at where in all that the answer says this text begins: annotations count from there */
  say(text: string, logprobs: readonly TokenLogprob[] | null, at: number): void {
    if (this.#text === null) {
      this.#endPart();
      this.#text = new SpokenText(this.#place, this.#parts.length, at);
      this.#parts.push(this.#text);
    }
    this.#text.add(text, logprobs);
  }

  refuse(text: string): void {
    if (this.#refusal === null) {
      this.#endPart();
      this.#refusal = new SpokenRefusal(this.#place, this.#parts.length);
      this.#parts.push(this.#refusal);
    }
    this.#refusal.add(text);
  }

  /** Log probabilities that no text came with. Told when the text ends, as citations are by the text that is open. */
  note(logprobs: readonly TokenLogprob[]): void {
    this.#text?.note(logprobs);
  }

  cite(annotation: Annotation): void {
    this.#text?.cite(annotation);
  }

  end(): void {
    this.#endPart();
  }

  toItem(status: ItemStatus): JsonRecord {
    const content = this.#parts.map((part) => part.toPart());
    return { ...this.#told, id: this.#place.id, type: 'message', status, role: 'assistant', content };
  }

  #goOn({ record, isPartOpen, start }: ToldMessage): void {
    const parts = recordsOf(record['content']);
    for (const [index, part] of parts.entries()) {
      const isOpen = isPartOpen && index === parts.length - 1 && part['type'] === 'output_text';
      if (isOpen) this.#text = new SpokenText(this.#place, index, start, part);
      this.#parts.push(this.#text ?? { toPart: () => part });
    }
  }

  #endPart(): void {
    this.#text?.end();
    this.#refusal?.end();
    this.#text = null;
    this.#refusal = null;
  }
}

class SpokenText {
  readonly #place: ItemPlace;
  readonly #names: JsonRecord;
  readonly #form: DeltaForm;
  readonly #start: number;
  readonly #annotations: JsonRecord[] = [];
  readonly #logprobs: JsonRecord[] = [];
  #text = '';

  constructor(place: ItemPlace, index: number, start: number, told: JsonRecord | null = null) {
    this.#place = place;
    this.#names = { ...namesOf(place), content_index: index };
    this.#form = deltaForm('response.output_text.delta', this.#names);
    this.#start = start;
    if (told !== null) {
      this.#text = stringOf(told['text']) ?? '';
      this.#annotations.push(...recordsOf(told['annotations']));
      return;
    }
    place.events.add('response.content_part.added', { ...this.#names, part: this.toPart() });
  }

  add(text: string, logprobs: readonly TokenLogprob[] | null): void {
    this.#text += text;
    const { events } = this.#place;
    if (logprobs === null) events.addDelta(this.#form, text, NO_LOGPROBS);
    else events.addDelta(this.#form, text, `,"logprobs":${JSON.stringify(this.note(logprobs))}`);
  }

  note(logprobs: readonly TokenLogprob[]): readonly JsonRecord[] {
    const noted = logprobs.map(withBytes);
    for (const token of noted) this.#logprobs.push(token);
    return noted;
  }

  cite(cited: Annotation): void {
    const annotation = toFlat(cited, this.#start);
    const index = this.#annotations.push(annotation) - 1;
    const fields = { ...this.#names, annotation_index: index, annotation };
    this.#place.events.add('response.output_text.annotation.added', fields);
  }

  end(): void {
    const { events } = this.#place;
    events.add('response.output_text.done', { ...this.#names, text: this.#text, logprobs: this.#logprobs });
    events.add('response.content_part.done', { ...this.#names, part: this.toPart() });
  }

  toPart(): JsonRecord {
    const [annotations, logprobs] = [[...this.#annotations], [...this.#logprobs]];
    return { type: 'output_text', text: this.#text, annotations, logprobs };
  }
}

class SpokenRefusal {
  readonly #place: ItemPlace;
  readonly #names: JsonRecord;
  readonly #form: DeltaForm;
  #text = '';

  constructor(place: ItemPlace, index: number) {
    this.#place = place;
    this.#names = { ...namesOf(place), content_index: index };
    this.#form = deltaForm('response.refusal.delta', this.#names);
    place.events.add('response.content_part.added', { ...this.#names, part: this.toPart() });
  }

  add(text: string): void {
    this.#text += text;
    this.#place.events.addDelta(this.#form, text);
  }

  end(): void {
    this.#place.events.add('response.refusal.done', { ...this.#names, refusal: this.#text });
    this.#place.events.add('response.content_part.done', { ...this.#names, part: this.toPart() });
  }

  toPart(): JsonRecord {
    return { type: 'refusal', refusal: this.#text };
  }
}

/**
 * OpenAI's flat form, counted from the start of the part. A source of what was said before it keeps no range: it is a
 * source nevertheless.
 */
function toFlat({ url_citation: cited }: Annotation, start: number): JsonRecord {
  const isHere = cited.start_index >= start;
  const [start_index, end_index] = isHere ? [cited.start_index - start, cited.end_index - start] : [0, 0];
  return { type: 'url_citation', start_index, end_index, url: cited.url, title: cited.title || hostOf(cited.url) };
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname || url;
}

/** OpenAI's own client leaves out tokens without bytes. */
function withBytes(token: TokenLogprob): JsonRecord {
  return { ...toAlternative(token), top_logprobs: token.top_logprobs.map(toAlternative) };
}

function toAlternative({ token, logprob, bytes }: Omit<TokenLogprob, 'top_logprobs'>): JsonRecord {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
