import { signal } from '@preact/signals';
import type { EndedBody } from '../feed/wire.ts';

/** What is on record of calls that were asked for in this visit, by their ids; null where nothing is. */
export const knownRecords = signal<ReadonlyMap<string, EndedBody | null>>(new Map());

/** What is on record of a call changes no more. */
export function noteRecord(id: string, call: EndedBody | null): void {
  knownRecords.value = new Map(knownRecords.peek()).set(id, call);
}
