import type { ToolCallDelta } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, numberOf, parseJson, recordOf, stringOf } from '../../protocol/json.ts';
import type { NewId } from '../dialect.ts';

interface OpenToolCall {
  readonly isCustom: boolean;
  /** The position among the announced calls; null until its name is known. */
  index: number | null;
  id: string | null;
  name: string;
  arguments: string;
}

/** What one piece says, whatever form the server gave it. */
interface CallPiece {
  readonly key: number | string | null;
  readonly id: string | null;
  readonly isCustom: boolean;
  readonly name: string;
  readonly arguments: string;
}

/** Follows the tool calls of one choice and gives them the form that clients expect. */
export interface ToolCallTracker {
  /** Calls announced so far. */
  count(): number;
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
  const calls: OpenToolCall[] = [];
  const byKey = new Map<number | string, OpenToolCall>();
  let count = 0;

  const read = (source: JsonRecord): ToolCallDelta | null => {
    const piece = toPiece(source);
    const call = findOrOpen(piece);
    call.arguments += piece.arguments;
    call.name ||= piece.name;
    if (call.index !== null)
      return piece.arguments === '' ? null : toDelta(call.index, call, { arguments: piece.arguments });
    call.id ??= piece.id;
    return call.name === '' ? null : announce(call);
  };

  const findOrOpen = (piece: CallPiece): OpenToolCall => {
    const open = piece.key === null ? calls.at(-1) : byKey.get(piece.key);
    if (open && !isAnother(open, piece)) return open;
    const call: OpenToolCall = { isCustom: piece.isCustom, index: null, id: piece.id, name: '', arguments: '' };
    calls.push(call);
    if (piece.key !== null) byKey.set(piece.key, call);
    return call;
  };

  const announce = (call: OpenToolCall): ToolCallDelta => {
    call.index = count++;
    call.id ??= newId();
    const body = { name: call.name, arguments: call.arguments };
    return { id: call.id, type: call.isCustom ? 'custom' : 'function', ...toDelta(call.index, call, body) };
  };

  return {
    count: () => count,
    read: (pieces) => pieces.map(read).filter((delta) => delta !== null),
    end() {
      const deltas: ToolCallDelta[] = [];
      for (const call of calls) {
        if (call.index === null || call.isCustom || call.arguments.trim() !== '') continue;
        call.arguments = '{}';
        deltas.push(toDelta(call.index, call, { arguments: '{}' }));
      }
      return deltas;
    },
    isTruncated: () => calls.some((call) => !call.isCustom && !isComplete(call.arguments || '{}')),
  };
}

function toPiece(source: JsonRecord): CallPiece {
  const id = stringOf(source['id']) || null;
  const body = recordOf(source['function'] ?? source['custom']);
  const args = body['arguments'] ?? body['input'];
  return {
    key: numberOf(source['index']) ?? id,
    id,
    isCustom: source['type'] === 'custom' || isRecord(source['custom']),
    name: stringOf(body['name']) ?? '',
    arguments: isRecord(args) ? JSON.stringify(args) : (stringOf(args) ?? ''),
  };
}

/**
 * Some servers say index 0 for every call. A piece under a known key is another call when it has a name, the open
 * call has all it needs, and the ids differ, or, without an id, it brings arguments of its own.
 */
function isAnother(open: OpenToolCall, piece: CallPiece): boolean {
  if (piece.name === '' || open.name === '' || piece.id === open.id) return false;
  if (piece.id !== null && open.id !== null) return open.arguments === '' || isWholeObject(open.arguments);
  return piece.arguments !== '' && isWholeObject(open.arguments);
}

function isComplete(args: string): boolean {
  return parseJson(args) !== undefined;
}

/** Whether a text is a whole JSON object: asked with every piece, it is parsed only where it ends like one. */
function isWholeObject(args: string): boolean {
  return args.trimEnd().endsWith('}') && isComplete(args);
}

function toDelta(index: number, call: OpenToolCall, body: { name?: string; arguments: string }): ToolCallDelta {
  if (!call.isCustom) return { index, function: body };
  const { arguments: input, ...name } = body;
  return { index, custom: { ...name, input } };
}
