import { expect } from 'vitest';
import type { ResponsesWriterOptions } from '../../src/languages/responses/client-writer-options.ts';
import { batchOf, type Delta } from '../../src/protocol/delta.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { createTestWriter } from './responses-writer.ts';

/** A whole stream of these batches. */
export function streamOf(batches: readonly (readonly Delta[])[], changes?: Partial<ResponsesWriterOptions>): string {
  const writer = createTestWriter(changes);
  return batches.map((deltas) => writer.push(batchOf(deltas))).join('') + writer.end();
}

/** The events of a stream, each under its own name. */
export function eventsIn(text: string): readonly JsonRecord[] {
  expect(text.endsWith('\n\n')).toBe(true);
  const frames = text.split('\n\n').slice(0, -1);
  return frames.filter((frame) => frame !== 'data: [DONE]').map(toEvent);
}

function toEvent(frame: string): JsonRecord {
  const [, name, data = ''] = /^event: (\S+)\ndata: (.*)$/.exec(frame) ?? [];
  const event = recordOf(JSON.parse(data));
  expect(event['type']).toBe(name);
  return event;
}

/** What a stream came to. */
export interface CheckedResponse {
  readonly events: readonly JsonRecord[];
  /** The response of its last event. */
  readonly response: JsonRecord;
}

const TERMINAL = ['response.completed', 'response.incomplete', 'response.failed'];

/** Holds a stream to the order of OpenAI's events, and its last response to what the events before it said. */
export function checkResponsesStream(text: string): CheckedResponse {
  const events = eventsIn(text);
  expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
  expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
  expect(events[0]?.['type']).toBe('response.created');
  const ends = events.filter(({ type }) => TERMINAL.includes(String(type)));
  expect(ends).toEqual(events.slice(-1));
  const output = new FoldedOutput();
  for (const event of events) output.add(event);
  const response = recordOf(events.at(-1)?.['response']);
  output.expectIn(response);
  return { events, response };
}

interface FoldedItem {
  readonly item: Record<string, unknown>;
  readonly parts: Map<string, Record<string, unknown>>;
  isDone: boolean;
}

const WITHOUT_STATUS: ReadonlySet<unknown> = new Set(['compaction', 'mcp_list_tools']);

/** Puts items together of their events, and fails at the first that is out of order. */
class FoldedOutput {
  readonly #items: FoldedItem[] = [];

  add(event: JsonRecord): void {
    const type = String(event['type']).replace(/^response\./, '');
    if (type === 'output_item.added') this.#begin(event);
    else if (type === 'output_item.done') this.#end(event);
    else if ('item_id' in event) this.#apply(type, event, this.#itemOf(event));
  }

  /** Items that are not told to be done: all was told of them but what comes with the end. */
  expectIn(response: JsonRecord): void {
    const output = recordsOf(response['output']);
    expect(output).toHaveLength(this.#items.length);
    for (const [at, { item, isDone }] of this.#items.entries()) {
      const told = isDone ? item : { ...item, ...withEnd(output[at]) };
      expect(output[at]).toEqual(told);
      if (!isDone) expect(response['status']).not.toBe('completed');
    }
  }

  #begin(event: JsonRecord): void {
    const item = { ...recordOf(event['item']) };
    expect(event['output_index']).toBe(this.#items.length);
    expect(this.#items.map((other) => other.item['id'])).not.toContain(item['id']);
    expect(item['status']).toBe(WITHOUT_STATUS.has(item['type']) ? undefined : 'in_progress');
    this.#items.push({ item, parts: new Map(), isDone: false });
  }

  #end(event: JsonRecord): void {
    const at = Number(event['output_index']);
    const folded = this.#items[at];
    const done = recordOf(event['item']);
    if (folded === undefined) throw new Error(`item ${at} never began`);
    expect(folded.isDone).toBe(false);
    expect(this.#items.slice(0, at).every(({ isDone }) => isDone)).toBe(true);
    expect([...folded.parts.values()].every((part) => part['isDone'])).toBe(true);
    Object.assign(folded.item, withEnd(done));
    expect(folded.item).toEqual(done);
    folded.isDone = true;
  }

  #itemOf(event: JsonRecord): FoldedItem {
    const folded = this.#items[Number(event['output_index'])];
    expect(folded?.item['id']).toBe(event['item_id']);
    if (folded === undefined || folded.isDone) throw new Error(`${event['type']} outside of its item`);
    return folded;
  }

  #apply(type: string, event: JsonRecord, folded: FoldedItem): void {
    const list = 'summary_index' in event ? 'summary' : 'content';
    const index = Number(event['summary_index'] ?? event['content_index'] ?? -1);
    if (/part\.added$/.test(type)) this.#beginPart(list, index, event, folded);
    else if (index >= 0) this.#applyToPart(type, event, folded, `${list}:${index}`);
    else if (/(arguments|input)\.delta$/.test(type)) {
      const key = type.includes('arguments') ? 'arguments' : 'input';
      folded.item[key] = `${folded.item[key]}${event['delta']}`;
    } else if (type === 'code_interpreter_call_code.delta') {
      folded.item['code'] = `${folded.item['code']}${event['delta']}`;
    } else if (type === 'code_interpreter_call_code.done') {
      expect(event['code']).toBe(folded.item['code']);
    } else if (/(arguments|input)\.done$/.test(type)) {
      const key = type.includes('arguments') ? 'arguments' : 'input';
      expect(event[key]).toBe(folded.item[key]);
    }
  }

  #beginPart(list: string, index: number, event: JsonRecord, { item, parts }: FoldedItem): void {
    const part = structuredClone(recordOf(event['part'])) as Record<string, unknown>;
    const before = recordsOf(item[list]);
    expect(index).toBe(before.length);
    item[list] = [...before, part];
    parts.set(`${list}:${index}`, { part, isDone: false });
  }

  #applyToPart(type: string, event: JsonRecord, { parts }: FoldedItem, name: string): void {
    const open = parts.get(name);
    if (open === undefined || open['isDone']) throw new Error(`${type} outside of its part`);
    const part = open['part'] as Record<string, unknown>;
    const key = part['type'] === 'refusal' ? 'refusal' : 'text';
    if (/\.delta$/.test(type)) {
      part[key] = `${part[key]}${event['delta']}`;
      if ('logprobs' in event) part['logprobs'] = [...recordsOf(part['logprobs']), ...recordsOf(event['logprobs'])];
    }
    if (/annotation\.added$/.test(type)) {
      const annotations = part['annotations'] as unknown[];
      expect(event['annotation_index']).toBe(annotations.length);
      annotations.push(event['annotation']);
    } else if (/part\.done$/.test(type)) {
      expect(event['part']).toEqual(part);
      open['isDone'] = true;
    } else if (/\.done$/.test(type)) {
      expect(event[key]).toBe(part[key]);
      if ('logprobs' in event) part['logprobs'] = event['logprobs'];
    }
  }
}

/** What is told with the end of an item alone. */
function withEnd(item: JsonRecord = {}): JsonRecord {
  const keys = ['status', 'encrypted_content', 'outputs', 'result', 'output_format'];
  if (String(item['type']).startsWith('mcp')) keys.push('tools', 'output', 'error');
  if (item['type'] === 'tool_search_call') keys.push('arguments');
  return Object.fromEntries(keys.filter((key) => key in item).map((key) => [key, item[key]]));
}
