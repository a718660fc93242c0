import type { JsonRecord } from '../../protocol/json.ts';
import type { ResponseEvents } from './client-events.ts';

/** `incomplete` where the answer ended inside the item. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** Where an item stands in the output, and where its events go. */
export interface ItemPlace {
  readonly events: ResponseEvents;
  readonly id: string;
  /** Its `output_index`. */
  readonly index: number;
}

/** One item of the output while it grows. That it began and that it is done is told by the list that holds it. */
export interface OutputItem {
  /** Tells what comes between the last delta and `output_item.done`. Nothing is added after it. */
  end(status: ItemStatus): void;
  /** The item as it is now, whole but for what is still to come. */
  toItem(status: ItemStatus): JsonRecord;
}

/** What names an item in its events. */
export function namesOf({ id, index }: ItemPlace): { readonly item_id: string; readonly output_index: number } {
  return { item_id: id, output_index: index };
}
