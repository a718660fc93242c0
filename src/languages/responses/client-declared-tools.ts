import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ResponsesBody } from './client-check.ts';
import type { PlacedItem } from './client-history.ts';

/** A tool that the client declares, out of its namespace. */
export interface DeclaredTool {
  /** `server_search` gives a model its tools bit by bit: as all of them are declared at once, there is nothing to search. */
  readonly kind: 'function' | 'custom' | 'tool_search' | 'server_search' | 'other';
  readonly name: string;
  readonly namespace: string | null;
  readonly description: string | null;
  readonly source: JsonRecord;
}

/** A tool that can be called by its name. */
export type NamedTool = DeclaredTool & { readonly kind: 'function' | 'custom' | 'tool_search' };

/**
 * All tools of a request: its own, and those that items of it or of its context add. Of two with one name the later one
 * counts: a search brings back what may be declared already.
 */
export function declaredTools(body: ResponsesBody, items: readonly PlacedItem[]): readonly DeclaredTool[] {
  const own = recordsOf(body.tools);
  const added = items.filter(addsTools).flatMap(({ item }) => recordsOf(item['tools']));
  if (own.length === 0 && added.length === 0) return [];
  const tools = [...own, ...added].flatMap(toDeclared);
  const named = new Map(tools.filter(isNamed).map((tool) => [keyOf(tool), tool]));
  return tools.filter((tool) => !isNamed(tool) || named.get(keyOf(tool)) === tool);
}

/** True for a tool that can be called by its name. */
export function isNamed(tool: DeclaredTool): tool is NamedTool {
  return tool.kind !== 'other' && tool.kind !== 'server_search';
}

/** What the history calls, each once: a chain may mention tools that its next turn no longer declares. */
export function calledTools(items: readonly PlacedItem[]): readonly CalledTool[] {
  const called = new Map<string, CalledTool>();
  for (const { item, type } of items) {
    const kind = CALL_KINDS.get(type);
    if (kind === undefined) continue;
    const tool = { kind, name: stringOf(item['name']) ?? '', namespace: stringOf(item['namespace']) };
    called.set(`${tool.namespace ?? ''} ${tool.name}`, tool);
  }
  return [...called.values()];
}

type CalledTool = Pick<NamedTool, 'kind' | 'name' | 'namespace'>;

const CALL_KINDS: ReadonlyMap<string, 'function' | 'custom'> = new Map([
  ['function_call', 'function'],
  ['custom_tool_call', 'custom'],
]);

function keyOf({ kind, name, namespace }: NamedTool): string {
  return JSON.stringify([namespace, name, kind === 'tool_search']);
}

function addsTools({ type }: PlacedItem): boolean {
  return type === 'additional_tools' || type === 'tool_search_output';
}

function toDeclared(tool: JsonRecord): DeclaredTool[] {
  if (tool['type'] !== 'namespace') return [toTool(tool, null, null)];
  const { name, description, tools } = tool;
  return recordsOf(tools).map((inner) => toTool(inner, stringOf(name), stringOf(description)));
}

/** What its namespace is for stands before what the tool is for. */
function toTool(source: JsonRecord, namespace: string | null, purpose: string | null): DeclaredTool {
  const kind = kindOf(source);
  const name = kind === 'tool_search' ? 'tool_search' : (stringOf(source['name']) ?? '');
  const description = [purpose, stringOf(source['description'])].filter(Boolean).join('\n\n') || null;
  return { kind, name, namespace, description, source };
}

function kindOf({ type, execution }: JsonRecord): DeclaredTool['kind'] {
  if (type === 'function' || type === 'custom') return type;
  if (type !== 'tool_search') return 'other';
  return execution === 'client' ? 'tool_search' : 'server_search';
}
