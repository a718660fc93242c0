import type { JsonRecord } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';
import type { ResponseEvents } from './client-events.ts';
import { CompactionItem } from './client-hosted-items.ts';
import type { ItemPlace, ItemStatus, OutputItem } from './client-output-item.ts';

/** An item as it is kept, with what its provider wants back and no client is shown in it. */
export interface StoredItem {
  readonly item: JsonRecord;
  readonly providerState: Carried | null;
}

/** An item at its place in the output. */
export interface ListedItem<T extends OutputItem = OutputItem> {
  readonly item: T;
  readonly index: number;
  status: ItemStatus;
  /** True when nothing is added to it any more. It is told to be done when all before it are. */
  isEnded: boolean;
  providerState: Carried | null;
}

/** The output of one answer. Items are told to begin and to be done in the order of their places. */
export class ItemList {
  readonly #events: ResponseEvents;
  readonly #newId: (prefix: string) => string;
  readonly #listed: ListedItem[] = [];
  /** The first one that is not told to be done. */
  #first = 0;

  constructor(events: ResponseEvents, newId: (prefix: string) => string) {
    this.#events = events;
    this.#newId = newId;
  }

  begin<T extends OutputItem>(prefix: string, make: (place: ItemPlace) => T): ListedItem<T> {
    const index = this.#listed.length;
    const item = make({ events: this.#events, id: this.#newId(prefix), index });
    const listed: ListedItem<T> = { item, index, status: 'in_progress', isEnded: false, providerState: null };
    this.#listed.push(listed);
    this.#events.add('response.output_item.added', { output_index: index, item: item.toItem('in_progress') });
    return listed;
  }

  /** An item that is whole: what was summed up before the answer. */
  addCompaction(sealed: string): void {
    this.end(this.begin('cmp', ({ id }) => new CompactionItem(id, sealed)));
  }

  /** Takes over an item that was told to begin, and where it is done, that as well. */
  adopt<T extends OutputItem>(id: string, isDone: boolean, make: (place: ItemPlace) => T): ListedItem<T> {
    const index = this.#listed.length;
    const item = make({ events: this.#events, id, index });
    const status = isDone ? 'completed' : 'in_progress';
    const listed: ListedItem<T> = { item, index, status, isEnded: isDone, providerState: null };
    this.#listed.push(listed);
    if (isDone && this.#first === index) this.#first++;
    return listed;
  }

  end(listed: ListedItem): void {
    listed.isEnded = true;
    for (let next = this.#listed[this.#first]; next?.isEnded; next = this.#listed[this.#first]) {
      this.#first++;
      this.#close(next, 'completed');
    }
  }

  /** Ends what is open. @param isCut true where the answer ended inside its last item */
  endAll(isCut: boolean): void {
    for (const listed of this.#listed.slice(this.#first)) {
      const isLast = listed.index === this.#listed.length - 1;
      this.#close(listed, isCut && isLast && !listed.isEnded ? 'incomplete' : 'completed');
    }
    this.#first = this.#listed.length;
  }

  /** Leaves what is open as it is, without an event: no client shall act on it. */
  abandon(): void {
    for (const listed of this.#listed.slice(this.#first)) listed.status = listed.isEnded ? 'completed' : 'incomplete';
    this.#first = this.#listed.length;
  }

  last(): ListedItem | undefined {
    return this.#listed.at(-1);
  }

  toItems(): readonly JsonRecord[] {
    return this.#listed.map(({ item, status }) => item.toItem(status));
  }

  toStored(): readonly StoredItem[] {
    return this.#listed.map(({ item, status, providerState }) => ({ item: item.toItem(status), providerState }));
  }

  #close(listed: ListedItem, status: ItemStatus): void {
    listed.status = status;
    listed.item.end(status);
    const item = listed.item.toItem(status);
    // AI SDK takes no custom call as done that is not whole.
    if (status === 'incomplete' && item['type'] === 'custom_tool_call') return;
    this.#events.add('response.output_item.done', { output_index: listed.index, item });
  }
}
