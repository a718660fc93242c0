import { type JsonRecord, recordsOf } from '../../protocol/json.ts';
import type { NativeItem } from './client-native-item.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

/** An item as its provider told it, in an answer that another one ends. */
export class ToldItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #item: NativeItem;

  constructor(place: ItemPlace, item: NativeItem) {
    this.#place = place;
    this.#item = item;
  }

  /** Of thoughts that broke off, tells that they are done. */
  end(): void {
    const { record, list, isPartOpen } = this.#item;
    const part = recordsOf(record[list]).at(-1);
    if (part === undefined || !isPartOpen) return;
    const [index, words, parts] = list === 'summary' ? SUMMARY : CHAIN;
    const names = { ...namesOf(this.#place), [index]: recordsOf(record[list]).length - 1 };
    this.#place.events.add(words, { ...names, text: part['text'] });
    this.#place.events.add(parts, { ...names, part });
  }

  toItem(status: ItemStatus): JsonRecord {
    const { record, isDone } = this.#item;
    return isDone || !('status' in record) ? record : { ...record, status };
  }
}

const SUMMARY = [
  'summary_index',
  'response.reasoning_summary_text.done',
  'response.reasoning_summary_part.done',
] as const;
const CHAIN = ['content_index', 'response.reasoning_text.done', 'response.content_part.done'] as const;
