import { isRecord, type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';

/** An item as its provider tells it, while it grows. */
export interface NativeItem {
  /** Its `output_index`. */
  readonly index: number;
  /** As it was told last. */
  record: JsonRecord;
  isDone: boolean;
  /** Its parts so far, in the field of the item that has them. */
  readonly parts: JsonRecord[];
  list: 'content' | 'summary';
  /** True while the last part grows. */
  isPartOpen: boolean;
}

/** The item that an event begins. */
export function toNativeItem(index: number, record: JsonRecord): NativeItem {
  const list = record['type'] === 'reasoning' ? 'summary' : 'content';
  return { index, record, isDone: false, parts: [...recordsOf(record[list])], list, isPartOpen: false };
}

/** Notes what an event tells of the parts of an item. */
export function notePart(item: NativeItem, type: string, event: JsonRecord): void {
  const { part, annotation } = event;
  if (isRecord(part) && PART_ADDED.test(type)) {
    item.list = 'summary_index' in event ? 'summary' : 'content';
    item.parts.push(part);
    item.isPartOpen = true;
  } else if (isRecord(part) && PART_DONE.test(type)) {
    item.parts.splice(-1, 1, part);
    item.isPartOpen = false;
  } else if (isRecord(annotation)) {
    const last = item.parts.at(-1);
    if (last) item.parts.splice(-1, 1, { ...last, annotations: [...recordsOf(last['annotations']), annotation] });
  }
}

const PART_ADDED = /part\.added$/;
const PART_DONE = /part\.done$/;

/** What was said and thought in pieces, over all items. */
export interface SpokenSoFar {
  readonly said: string;
  readonly thought: string;
}

/** The items as they are now: of a part that grows, the text is what no earlier part has. */
export function itemsSoFar(items: readonly NativeItem[], { said, thought }: SpokenSoFar): readonly JsonRecord[] {
  let [saidBefore, thoughtBefore] = [0, 0];
  return items.map((item) => {
    if (item.isDone) {
      saidBefore += lengthOf(item.record, 'output_text');
      thoughtBefore += lengthOf(item.record, 'summary_text') + lengthOf(item.record, 'reasoning_text');
      return item.record;
    }
    if (item.parts.length === 0) return item.record;
    const parts = [...item.parts];
    const last = parts.at(-1);
    if (item.isPartOpen && last !== undefined) {
      const before = { ...item.record, [item.list]: parts.slice(0, -1) };
      if (last['type'] === 'output_text') {
        parts.splice(-1, 1, { ...last, text: said.slice(saidBefore + lengthOf(before, 'output_text')) });
      } else if (last['type'] !== 'refusal') {
        const earlier = lengthOf(before, 'summary_text') + lengthOf(before, 'reasoning_text');
        parts.splice(-1, 1, { ...last, text: thought.slice(thoughtBefore + earlier) });
      }
    }
    return { ...item.record, [item.list]: parts };
  });
}

function lengthOf(item: JsonRecord, type: string): number {
  const parts = [...recordsOf(item['content']), ...recordsOf(item['summary'])].filter((part) => part['type'] === type);
  return parts.reduce((sum, { text }) => sum + (stringOf(text)?.length ?? 0), 0);
}
