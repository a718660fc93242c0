import type { ThoughtForm } from '../../protocol/delta.ts';
import { type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';
import { ReasoningDetails } from '../reasoning-details.ts';
import type { ItemList, ListedItem } from './client-item-list.ts';
import { ReasoningItem } from './client-reasoning-item.ts';
import type { SealedThought } from './client-writer-options.ts';

/** What thoughts are told with. */
export interface ThoughtOptions {
  readonly items: ItemList;
  /** An envelope for what its provider wants back. */
  readonly seal: (thought: Omit<SealedThought, 'answeredBy'>) => string;
  /** Ends what stands before thoughts that can be read. */
  readonly endEarlier: () => void;
}

/** The thoughts of one answer, and what goes with them in envelopes: of all items, only theirs bring one back from every client. */
export class ThoughtWriter {
  /** The form of thoughts where they do not tell it themselves. */
  form: ThoughtForm = 'summary';
  readonly #options: ThoughtOptions;
  #open: ListedItem<ReasoningItem> | null = null;
  /** Raw thoughts of the open item, which their host wants back as they were. */
  #raw = '';
  #details = new ReasoningDetails();

  constructor(options: ThoughtOptions) {
    this.#options = options;
  }

  think(said: string | null, details: readonly JsonRecord[]): void {
    const text = said || details.map(wordsOf).join('');
    // Thoughts between words part them; what cannot be read does not.
    if (this.#open === null && text !== '') this.#options.endEarlier();
    this.#open ??= this.#begin();
    for (const detail of details) this.#details.add(detail);
    if (text === '') return;
    if (details.length === 0 && this.form === 'raw') this.#raw += text;
    this.#open.item.think(text, formOf(details) ?? this.form);
  }

  /** Puts an envelope in: the first one goes with the thoughts, each further one gets an item. */
  seal(carried: Carried, callId: string | null): void {
    this.#seal({ ...carried, callId });
  }

  /** What is carried of the thoughts so far goes into its envelopes. */
  sealAll(): void {
    for (const data of this.#details.list) {
      this.#seal({ provider: stringOf(data['format']) ?? '', kind: 'reasoning-detail', data, callId: null });
    }
    if (this.#details.list.length > 0) this.#details = new ReasoningDetails();
    if (this.#raw !== '') this.#seal({ provider: '', kind: 'raw-thoughts', data: this.#raw, callId: null });
    this.#raw = '';
  }

  end(): void {
    if (this.#open === null) return;
    this.sealAll();
    this.#options.items.end(this.#open);
    this.#open = null;
  }

  #begin(): ListedItem<ReasoningItem> {
    return this.#options.items.begin('rs', (place) => new ReasoningItem(place));
  }

  #seal(thought: Omit<SealedThought, 'answeredBy'>): void {
    if (this.#open?.item.isSealed()) {
      this.#options.items.end(this.#open);
      this.#open = null;
    }
    this.#open ??= this.#begin();
    this.#open.item.seal(this.#options.seal(thought));
  }
}

function wordsOf({ text, summary }: JsonRecord): string {
  return stringOf(text) ?? stringOf(summary) ?? '';
}

/** OpenRouter says which of its details are summaries. */
function formOf(details: readonly JsonRecord[]): ThoughtForm | null {
  const [first] = details.filter((detail) => wordsOf(detail) !== '');
  if (first === undefined) return null;
  return first['type'] === 'reasoning.summary' ? 'summary' : 'raw';
}
