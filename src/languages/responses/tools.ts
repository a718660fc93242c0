import type { ChatRequest, FunctionDeclaration, Tool } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, recordOf, recordsOf } from '../../protocol/json.ts';

/** Chat without parameters means a function without any; Responses wants to be told. */
const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };

/** A tool without its wrapper. Types that chat does not have (`web_search`, `file_search` …) are said already. */
export function toResponsesTool(tool: Tool): JsonRecord {
  if (tool.type === 'function') return toFunctionTool(tool['function'] as FunctionDeclaration);
  return tool.type === 'custom' && isRecord(tool['custom']) ? toCustomTool(tool['custom']) : tool;
}

/** `strict` is always set: left out, chat takes it for false and Responses for true. */
function toFunctionTool({ name, description, parameters, strict }: FunctionDeclaration): JsonRecord {
  return {
    type: 'function',
    name,
    ...(description ? { description } : {}),
    parameters: parameters ?? NO_PARAMETERS,
    strict: strict ?? false,
  };
}

function toCustomTool({ name, description, format }: JsonRecord): JsonRecord {
  return {
    type: 'custom',
    name,
    ...(description ? { description } : {}),
    ...(isRecord(format) ? { format: toGrammar(format) } : {}),
  };
}

function toGrammar(format: JsonRecord): JsonRecord {
  return isRecord(format['grammar']) ? { type: 'grammar', ...format['grammar'] } : format;
}

/** The choice without its wrappers. */
export function toResponsesToolChoice(choice: NonNullable<ChatRequest['tool_choice']>): unknown {
  if (typeof choice === 'string') return choice;
  if (choice.type !== 'allowed_tools') return toReference(choice);
  const { mode, tools } = recordOf(choice['allowed_tools'] ?? choice);
  return { type: 'allowed_tools', mode, tools: recordsOf(tools).map(toReference) };
}

/** `{type, function: {name}}` names its tool as `{type, name}`. */
function toReference(choice: JsonRecord): JsonRecord {
  const type = choice['type'];
  const wrapped = type === 'function' || type === 'custom' ? choice[type] : undefined;
  return isRecord(wrapped) ? { type, name: wrapped['name'] } : choice;
}

/** OpenAI's search tool, from the options of its search models. */
export function toWebSearchTool(options: JsonRecord): JsonRecord {
  const { search_context_size, user_location, filters } = options;
  return {
    type: 'web_search',
    ...(search_context_size ? { search_context_size } : {}),
    ...(isRecord(user_location) ? { user_location: { type: 'approximate', ...placeOf(user_location) } } : {}),
    ...(isRecord(filters) ? { filters } : {}),
  };
}

/** Where the user is: chat wraps it in `approximate`, Perplexity's clients do not. */
export function placeOf(location: JsonRecord): JsonRecord {
  return isRecord(location['approximate']) ? location['approximate'] : location;
}
