import { isRecord, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type {
  FunctionTool,
  ModelTool,
  ModelToolChoice,
  OutputFormat,
  ToolReference,
} from '../../protocol/model-request.ts';
import type { ChatRequest, FunctionDeclaration, Tool } from './schema.ts';

/** Whether the request declares functions in OpenAI's old words, and is to be answered in them. */
export function isInOldWords(chat: JsonRecord): boolean {
  return recordsOf(chat['functions']).length > 0;
}

/** The tools, those in old words after the others. */
export function readTools(chat: ChatRequest): readonly ModelTool[] {
  const tools = (chat.tools ?? []).map(readTool);
  const old = recordsOf(chat['functions']);
  return old.length === 0 ? tools : [...tools, ...old.map((declared) => readFunction(declared, declared))];
}

function readTool(tool: Tool): ModelTool {
  if (tool.type === 'function') return readFunction(recordOf(tool['function']), tool);
  const custom = tool.type === 'custom' ? tool['custom'] : null;
  if (!isRecord(custom)) return { type: 'other', kind: tool.type, source: tool };
  const { name, description, format } = custom;
  return {
    type: 'custom',
    name: stringOf(name) ?? '',
    description: stringOf(description),
    format: isRecord(format) ? readGrammar(format) : null,
    source: tool,
  };
}

function readFunction(declared: JsonRecord, source: JsonRecord): FunctionTool {
  const { name, description, parameters, strict } = declared as unknown as FunctionDeclaration;
  return {
    type: 'function',
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? null,
    source,
  };
}

/** Chat wraps what a grammar is; Responses does not. */
function readGrammar(format: JsonRecord): JsonRecord {
  return isRecord(format['grammar']) ? { type: 'grammar', ...format['grammar'] } : format;
}

/** Which tools may be called. */
export function readToolChoice(chat: ChatRequest): ModelToolChoice | null {
  const old = isInOldWords(chat) ? chat['function_call'] : null;
  if (isRecord(old)) return { type: 'function', name: stringOf(old['name']), source: old };
  const choice = (old || chat.tool_choice) as ChatRequest['tool_choice'];
  if (!isRecord(choice)) return choice ?? null;
  if (choice.type !== 'allowed_tools') return readReference(choice);
  const { mode, tools } = recordOf(choice['allowed_tools'] ?? choice);
  return { type: 'allowed', mode, tools: recordsOf(tools).map(readReference), source: choice };
}

/** `{type, function: {name}}`; without that wrapper it is said in other words than chat's. */
function readReference(choice: JsonRecord): ToolReference {
  const type = choice['type'];
  const wrapped = type === 'function' || type === 'custom' ? choice[type] : null;
  if (isRecord(wrapped) && (type === 'function' || type === 'custom')) {
    return { type, name: stringOf(wrapped['name']), source: choice };
  }
  return { type: 'other', name: stringOf(choice['name']), source: choice };
}

/** The form of the answer. */
export function readOutputFormat(format: ChatRequest['response_format']): OutputFormat | null {
  if (!format) return null;
  const source: JsonRecord = format;
  if (format.type === 'text' || format.type === 'json_object') return { type: format.type, source };
  if (format.type !== 'json_schema') return { type: 'other', kind: format.type, source };
  const { name, schema, strict, description } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    schema: schema ?? null,
    strict: strict ?? null,
    description: stringOf(description),
    source,
  };
}
