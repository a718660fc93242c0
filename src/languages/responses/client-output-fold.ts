import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

/**
 * The output that the events of a stream come to, from its beginning to wherever it was cut. What was not told to be done
 * is as far as its pieces go, and `in_progress`.
 * @param frames each one event, in their order
 */
export function foldOutput(frames: readonly string[]): readonly JsonRecord[] {
  const items = new Map<number, JsonRecord>();
  for (const frame of frames) {
    const event = recordOf(parseJson(DATA.exec(frame)?.[1] ?? ''));
    const index = Number(event['output_index']);
    const item = isRecord(event['item']) ? event['item'] : withEvent(items.get(index), event);
    if (item !== null) items.set(index, item);
  }
  return [...items.values()];
}

const DATA = /^data: (.*)$/m;

/** The field of an item, or of its part, that a piece adds to. */
const PIECES: Readonly<Record<string, string>> = {
  'response.output_text.delta': 'text',
  'response.refusal.delta': 'refusal',
  'response.reasoning_text.delta': 'text',
  'response.reasoning_summary_text.delta': 'text',
  'response.function_call_arguments.delta': 'arguments',
  'response.custom_tool_call_input.delta': 'input',
  'response.mcp_call_arguments.delta': 'arguments',
  'response.code_interpreter_call_code.delta': 'code',
};

/** The item with what an event adds to it; null for an event of the whole response. */
function withEvent(item: JsonRecord | undefined, event: JsonRecord): JsonRecord | null {
  const { type, part, annotation, delta } = event;
  const field = PIECES[String(type)];
  if (item === undefined) return null;
  if (isRecord(part)) return changed(item, event, () => part);
  if (isRecord(annotation)) return changed(item, event, (grown) => append(grown, 'annotations', [annotation]));
  if (typeof delta !== 'string' || field === undefined) return item;
  const logprobs = recordsOf(event['logprobs']);
  return changed(item, event, (grown) => {
    const longer = { ...grown, [field]: (stringOf(grown[field]) ?? '') + delta };
    return logprobs.length === 0 ? longer : append(longer, 'logprobs', logprobs);
  });
}

/** Lists grow in place, as they were parsed here: a copy for each piece took seconds for 20,000 with log probabilities (measured). */
function append(grown: JsonRecord, field: string, entries: readonly JsonRecord[]): JsonRecord {
  const list = grown[field];
  if (!Array.isArray(list)) return { ...grown, [field]: [...entries] };
  list.push(...entries);
  return grown;
}

/** Changes the part that an event is about, or the item where that has none. */
function changed(item: JsonRecord, event: JsonRecord, change: (grown: JsonRecord) => JsonRecord): JsonRecord {
  const list = 'summary_index' in event ? 'summary' : 'content';
  const place = event[`${list}_index`];
  if (typeof place !== 'number') return change(item);
  const parts = [...recordsOf(item[list])];
  // Parts come in their order: another number than the next one is none.
  const at = Math.min(Math.max(place, 0), parts.length);
  parts[at] = change(parts[at] ?? {});
  return { ...item, [list]: parts };
}
