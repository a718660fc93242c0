import { isRecord, type JsonRecord } from '../../protocol/json.ts';
import type {
  CustomTool,
  FunctionTool,
  ModelTool,
  ModelToolChoice,
  ToolReference,
} from '../../protocol/model-request.ts';

/** Chat without parameters means a function without any; Responses wants to be told. */
const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };

/** A tool in the words of Responses. Types that the house does not know (`web_search`, `file_search` …) are said already. */
export function toResponsesTool(tool: ModelTool): JsonRecord {
  if (tool.type === 'function') return toFunctionTool(tool);
  return tool.type === 'custom' ? toCustomTool(tool) : tool.source;
}

/** `strict` is always set: left out, chat takes it for false and Responses for true. */
function toFunctionTool({ name, description, parameters, strict }: FunctionTool): JsonRecord {
  return {
    type: 'function',
    name,
    ...(description ? { description } : {}),
    parameters: parameters ?? NO_PARAMETERS,
    strict: strict ?? false,
  };
}

function toCustomTool({ name, description, format }: CustomTool): JsonRecord {
  return { type: 'custom', name, ...(description ? { description } : {}), ...(format ? { format } : {}) };
}

/** Which of the tools may be called, in the words of Responses. */
export function toResponsesToolChoice(choice: ModelToolChoice): unknown {
  if (typeof choice === 'string') return choice;
  if (choice.type !== 'allowed') return toReference(choice);
  return { type: 'allowed_tools', mode: choice.mode, tools: choice.tools.map(toReference) };
}

function toReference({ type, name, source }: ToolReference): JsonRecord {
  return type === 'other' ? source : { type, name };
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
