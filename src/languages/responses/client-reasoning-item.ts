import type { ThoughtForm } from '../../protocol/delta.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { type DeltaForm, deltaForm } from './client-events.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

/** What a model thinks, as far as it can be read, and an envelope with what only its provider can read. */
export class ReasoningItem implements OutputItem {
  readonly #place: ItemPlace;
  #thoughts: ShownThoughts | null = null;
  #sealed: string | null = null;

  constructor(place: ItemPlace) {
    this.#place = place;
  }

  /** @param form counts when the first thought comes */
  think(text: string, form: ThoughtForm): void {
    this.#thoughts ??= new ShownThoughts(this.#place, form);
    this.#thoughts.add(text);
  }

  /** Puts an envelope in, before the item ends. */
  seal(envelope: string): void {
    this.#sealed = envelope;
  }

  isSealed(): boolean {
    return this.#sealed !== null;
  }

  end(): void {
    this.#thoughts?.end();
  }

  toItem(status: ItemStatus): JsonRecord {
    return {
      id: this.#place.id,
      type: 'reasoning',
      status,
      summary: [],
      ...this.#thoughts?.toField(),
      ...(this.#sealed === null ? {} : { encrypted_content: this.#sealed }),
    };
  }
}

/** OpenAI's words for the one part of thoughts that an item has. */
const THOUGHT_WORDS = {
  summary: {
    field: 'summary',
    part: 'summary_text',
    events: 'response.reasoning_summary_text',
    partEvents: 'response.reasoning_summary_part',
    index: { summary_index: 0 },
  },
  raw: {
    field: 'content',
    part: 'reasoning_text',
    events: 'response.reasoning_text',
    partEvents: 'response.content_part',
    index: { content_index: 0 },
  },
} as const;

class ShownThoughts {
  readonly #place: ItemPlace;
  readonly #words: (typeof THOUGHT_WORDS)[ThoughtForm];
  readonly #names: JsonRecord;
  readonly #form: DeltaForm;
  #text = '';

  constructor(place: ItemPlace, form: ThoughtForm) {
    this.#place = place;
    this.#words = THOUGHT_WORDS[form];
    this.#names = { ...namesOf(place), ...this.#words.index };
    this.#form = deltaForm(`${this.#words.events}.delta`, this.#names);
    place.events.add(`${this.#words.partEvents}.added`, { ...this.#names, part: this.#toPart() });
  }

  add(text: string): void {
    this.#text += text;
    this.#place.events.addDelta(this.#form, text);
  }

  end(): void {
    this.#place.events.add(`${this.#words.events}.done`, { ...this.#names, text: this.#text });
    this.#place.events.add(`${this.#words.partEvents}.done`, { ...this.#names, part: this.#toPart() });
  }

  toField(): JsonRecord {
    return { [this.#words.field]: [this.#toPart()] };
  }

  #toPart(): JsonRecord {
    return { type: this.#words.part, text: this.#text };
  }
}
