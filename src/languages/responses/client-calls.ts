import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import type { CallPart, Carried, InputPart } from '../../protocol/model-message.ts';
import type { PlacedItem } from './client-history.ts';
import { readContent } from './client-parts.ts';
import type { ToolNameTable } from './client-tool-names.ts';

/** A call of the history, by the name that the model knows. @param id by which its output refers to it */
export function readCallItem(
  { item, type, at }: PlacedItem,
  id: string,
  names: ToolNameTable,
  carried: Carried | null,
): CallPart {
  const call = {
    type: 'call',
    id,
    isCustom: type === 'custom_tool_call',
    carried,
    at,
    entry: 0,
    source: item,
  } as const;
  switch (type) {
    case 'function_call':
      return { ...call, name: nameIn(item, 'function', names), arguments: stringOf(item['arguments']) ?? '' };
    case 'custom_tool_call':
      return { ...call, name: nameIn(item, 'custom', names), arguments: stringOf(item['input']) ?? '' };
    case 'tool_search_call': {
      const name = names.modelNameOf({ kind: 'tool_search', name: 'tool_search', namespace: null });
      return { ...call, name, arguments: stringOf(item['arguments']) ?? JSON.stringify(item['arguments'] ?? {}) };
    }
    default:
      // OpenAI's own tools for a client's machine: `shell`, `local_shell`, `apply_patch`.
      return {
        ...call,
        name: type.replace(/_call$/, ''),
        arguments: JSON.stringify(item['action'] ?? item['operation'] ?? {}),
      };
  }
}

function nameIn({ name, namespace }: JsonRecord, kind: 'function' | 'custom', names: ToolNameTable): string {
  return names.modelNameOf({ kind, name: stringOf(name) ?? '', namespace: stringOf(namespace) });
}

/** What a call came to. */
export function readOutputItem({ item, type, at }: PlacedItem, names: ToolNameTable): string | InputPart[] {
  const { output, tools, status } = item;
  switch (type) {
    case 'tool_search_output':
      return JSON.stringify({ tools: recordsOf(tools).flatMap((tool) => namesFound(tool, names)) });
    case 'shell_call_output':
      return JSON.stringify(output);
    case 'apply_patch_call_output':
      return stringOf(output) ?? stringOf(status) ?? '';
    default:
      return readContent(output, at);
  }
}

/** Tools that a search brought back are declared with the others: the model is told their names. */
function namesFound({ type, name, tools }: JsonRecord, names: ToolNameTable): readonly string[] {
  const namespace = type === 'namespace' ? stringOf(name) : null;
  const found = namespace === null ? [{ name }] : recordsOf(tools);
  return found.map((tool) =>
    names.modelNameOf({ kind: 'function', name: stringOf(tool['name']) ?? String(type), namespace }),
  );
}
