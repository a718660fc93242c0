import type { ToolCallDelta } from '../protocol/delta.ts';
import { isRecord, type JsonRecord, numberOf, parseJson, recordOf, stringOf } from '../protocol/json.ts';
import type { NewId } from './chat.ts';

interface OpenCall {
  readonly index: number;
  id: string;
  readonly isCustom: boolean;
  name: string;
  arguments: string;
  isAnnounced: boolean;
}

/** Follows the tool calls of one choice and gives them the form that clients expect. */
export interface ToolCallTracker {
  readonly count: number;
  read(pieces: readonly JsonRecord[]): ToolCallDelta[];
  /** Arguments that were never sent: a call without arguments must still carry a JSON object. */
  end(): ToolCallDelta[];
  /** True when the arguments of some call are no JSON: the answer was cut by its token limit. */
  isTruncated(): boolean;
}

/**
 * Servers count and repeat differently: indexes missing or all 0, ids and names on every delta, ids missing,
 * arguments as an object. Out comes OpenAI's form: id, type and name once, then arguments; indexes from 0.
 */
export function createToolCallTracker(newId: NewId): ToolCallTracker {
  const calls: OpenCall[] = [];
  const byKey = new Map<number | string, OpenCall>();
  const read = (piece: JsonRecord): ToolCallDelta | null => {
    const call = findOrOpen(piece);
    const body = recordOf(piece['function'] ?? piece['custom']);
    const added = argumentsOf(body['arguments'] ?? body['input']);
    call.arguments += added;
    call.name ||= stringOf(body['name']) ?? '';
    if (call.isAnnounced) return added === '' ? null : toDelta(call, { arguments: added });
    if (call.name === '') return null;
    call.isAnnounced = true;
    return { ...announce(call), ...toDelta(call, { name: call.name, arguments: call.arguments }) };
  };
  const findOrOpen = (piece: JsonRecord): OpenCall => {
    const id = stringOf(piece['id']) || null;
    const key = numberOf(piece['index']) ?? id ?? 'last';
    const open = key === 'last' ? calls.at(-1) : byKey.get(key);
    // Another id with another name under the same index is another call (servers that always say index 0).
    const isOther = open && id !== null && open.id !== id && isRecord(piece['function']) && piece['function']['name'];
    if (open && !isOther) return open;
    const call = openCall(calls.length, id ?? newId(), piece['type'] === 'custom');
    calls.push(call);
    byKey.set(key, call);
    return call;
  };
  return {
    get count() {
      return calls.length;
    },
    read: (pieces) => pieces.map(read).filter((delta) => delta !== null),
    end() {
      const empty = calls.filter((call) => call.isAnnounced && !call.isCustom && call.arguments === '');
      return empty.map((call) => {
        call.arguments = '{}';
        return toDelta(call, { arguments: '{}' });
      });
    },
    isTruncated: () => calls.some((call) => !call.isCustom && parseJson(call.arguments || '{}') === undefined),
  };
}

function openCall(index: number, id: string, isCustom: boolean): OpenCall {
  return { index, id, isCustom, name: '', arguments: '', isAnnounced: false };
}

function announce(call: OpenCall): Pick<ToolCallDelta, 'id' | 'type'> {
  return { id: call.id, type: call.isCustom ? 'custom' : 'function' };
}

function toDelta(call: OpenCall, body: { name?: string; arguments: string }): ToolCallDelta {
  if (!call.isCustom) return { index: call.index, function: body };
  const { arguments: input, ...name } = body;
  return { index: call.index, custom: { ...name, input } };
}

function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isRecord(value) ? JSON.stringify(value) : '';
}
