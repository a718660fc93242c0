import { isRecord, type JsonRecord, pickValues, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ModelTool, ModelToolChoice, SearchWish, ToolReference } from '../../protocol/model-request.ts';
import type { ResponsesBody } from './client-check.ts';
import { type DeclaredTool, isNamed, type NamedTool } from './client-declared-tools.ts';
import type { ToolNameTable } from './client-tool-names.ts';
import { isWebSearch } from './client-tool-schemas.ts';

/** The tools for a model: those of namespaces by their flat names, a search that the client executes as a function. */
export function readResponsesTools(declared: readonly DeclaredTool[], names: ToolNameTable): readonly ModelTool[] {
  return declared.flatMap((tool) => {
    if (isNamed(tool)) return [toNamedTool(tool, names)];
    if (tool.kind === 'server_search' || isLiveSearch(tool.source)) return [];
    return [{ type: 'other', kind: stringOf(tool.source['type']) ?? '', source: tool.source }];
  });
}

function toNamedTool(tool: NamedTool, names: ToolNameTable): ModelTool {
  const { description, source } = tool;
  const name = names.modelNameOf(tool);
  if (tool.kind === 'custom') {
    const { format } = source;
    return { type: 'custom', name, description, format: isRecord(format) ? format : null, source };
  }
  const { parameters, strict } = source;
  return {
    type: 'function',
    name,
    description,
    parameters: isRecord(parameters) ? parameters : null,
    strict: typeof strict === 'boolean' ? strict : null,
    source,
  };
}

/**
 * What the client wishes of a search. One that must not look at live pages stays a tool, for OpenAI alone: elsewhere
 * it is no search, and none may take its place.
 */
export function readSearchTool(declared: readonly DeclaredTool[]): SearchWish {
  const searches = declared.filter(({ source }) => isWebSearch(source['type']));
  const live = searches.find(({ source }) => isLiveSearch(source));
  return { options: live ? toOptions(live.source) : null, isForbidden: searches.length > 0 && live === undefined };
}

/** The type under which the client asks for a search; null where it does not. */
export function searchTypeOf(declared: readonly DeclaredTool[]): string | null {
  return stringOf(declared.find(({ source }) => isLiveSearch(source))?.source['type']);
}

function isLiveSearch({ type, external_web_access: isLive }: JsonRecord): boolean {
  return isWebSearch(type) && isLive !== false;
}

/** Chat wraps where the user is; Responses does not. */
function toOptions(tool: JsonRecord): JsonRecord {
  const { user_location: location } = tool;
  if (!isRecord(location)) return pickValues(tool, ['search_context_size', 'filters']);
  const { type = 'approximate', ...place } = location;
  return {
    ...pickValues(tool, ['search_context_size', 'filters']),
    user_location: { type, approximate: pickValues(place, Object.keys(place)) },
  };
}

/** Which of the tools may be called. */
export function readResponsesToolChoice(
  choice: ResponsesBody['tool_choice'],
  names: ToolNameTable,
): ModelToolChoice | null {
  if (!isRecord(choice)) return choice ?? null;
  if (choice.type !== 'allowed_tools') return toReference(choice, names);
  const { mode, tools } = recordOf(choice);
  return { type: 'allowed', mode, tools: recordsOf(tools).map((tool) => toReference(tool, names)), source: choice };
}

function toReference(source: JsonRecord, names: ToolNameTable): ToolReference {
  const { type, name, namespace } = source;
  if (type === 'tool_search') {
    const model = names.modelNameOf({ kind: type, name: type, namespace: null });
    return { type: 'function', name: model, source };
  }
  if (type !== 'function' && type !== 'custom') return { type: 'other', name: stringOf(name), source };
  const tool = { kind: type, name: stringOf(name) ?? '', namespace: stringOf(namespace) } as const;
  return { type, name: names.modelNameOf(tool), source };
}
