import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';
import {
  type AllowedTools,
  type FunctionTool,
  functionsIn,
  type ModelRequest,
  type RequestOrigin,
  type ToolReference,
} from '../../protocol/model-request.ts';
import type { DroppedParameters } from '../dropped-parameters.ts';
import { toBuiltInTools } from './built-in-tools.ts';
import { toGeminiJsonSchema } from './json-schema.ts';
import type { FunctionNames } from './names.ts';
import { toOpenApiSchema } from './openapi-schema.ts';
import type { Growth } from './schema-parts.ts';
import type { GeminiModel } from './version.ts';

/** The parts of a request that are about tools. `mode` is that of the function calls; null without functions. */
export interface GeminiTools {
  readonly tools: readonly JsonRecord[];
  readonly toolConfig: JsonRecord | null;
  readonly mode: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED' | null;
}

/** What the parts of one translation add to, and spend of. */
export interface Spending {
  readonly dropped: DroppedParameters;
  readonly growth: Growth;
}

/** Functions in one tool object, Google's own tools beside it, and who may be called. */
export function toGeminiTools(
  request: ModelRequest,
  model: GeminiModel,
  names: FunctionNames,
  { dropped, growth }: Spending,
): GeminiTools {
  const functions = functionsIn(request);
  const declarations = functions.map((declared) => toDeclaration(declared, { model, names, growth }));
  const builtIn = toBuiltInTools(request, model, functions.length > 0, dropped);
  const calling = functions.length > 0 ? toCalling(request, functions, model, names, dropped) : null;
  // Google's own tools cannot be forced.
  if (functions.length === 0 && isForcedTool(request)) dropped.add('toolChoice');
  // Gemini 3 runs its own tools beside the client's only when it may report them.
  const reports = builtIn.length > 0 && functions.length > 0 ? { includeServerSideToolInvocations: true } : {};
  const toolConfig = { ...(calling ? { functionCallingConfig: calling } : {}), ...reports };
  return {
    tools: [...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []), ...builtIn],
    toolConfig: Object.keys(toolConfig).length > 0 ? toolConfig : null,
    mode: functions.length > 0 ? (calling?.mode ?? 'AUTO') : null,
  };
}

function isForcedTool({ toolChoice, origin }: ModelRequest): boolean {
  if (origin.language === 'chat' || toolChoice === null) return false;
  return toolChoice === 'required' || (typeof toolChoice !== 'string' && toolChoice.type === 'other');
}

function toDeclaration(declared: FunctionTool, { model, names, growth }: Declaring): JsonRecord {
  const name = names.toGemini(declared.name);
  const described = declared.description ? { name, description: declared.description } : { name };
  const parameters = recordOf(declared.parameters);
  const schema = 'type' in parameters || '$ref' in parameters ? parameters : { type: 'object', ...parameters };
  const isOlder = model.version < 205;
  const fitted = isOlder ? toOpenApiSchema(schema, growth) : toGeminiJsonSchema(schema, growth);
  if (!takesArguments(fitted)) return described;
  return { ...described, [isOlder ? 'parameters' : 'parametersJsonSchema']: fitted };
}

interface Declaring {
  readonly model: GeminiModel;
  readonly names: FunctionNames;
  readonly growth: Growth;
}

/** Older models refuse an object without properties: a function without arguments has no schema at all. */
function takesArguments(schema: JsonRecord): boolean {
  const { properties } = schema;
  if (isRecord(properties) && Object.keys(properties).length > 0) return true;
  return ['$ref', 'anyOf', 'oneOf'].some((key) => key in schema) || Boolean(schema['additionalProperties']);
}

interface Calling {
  readonly mode: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED';
  readonly allowedFunctionNames?: readonly string[];
}

function toCalling(
  { toolChoice, origin }: ModelRequest,
  functions: readonly FunctionTool[],
  { version }: GeminiModel,
  names: FunctionNames,
  dropped: DroppedParameters,
): Calling | null {
  const choice = toolChoice ?? 'auto';
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'required') return { mode: 'ANY' };
  if (typeof choice !== 'string') {
    const { mode, chosen } = readChoice(choice);
    const declared = new Set(functions.map(({ name }) => name));
    if (chosen.length > 0)
      return { mode, allowedFunctionNames: chosen.map((name) => checked(name, declared, names, origin)) };
    dropped.add('toolChoice');
  }
  // VALIDATED keeps arguments to their schema, as `strict` wants it, and still lets the model answer in text.
  return version >= 300 && functions.some(({ strict }) => strict) ? { mode: 'VALIDATED' } : null;
}

/** A named function, or a list of allowed tools; AUTO would ignore a list of names, VALIDATED heeds it. */
function readChoice(choice: ToolReference | AllowedTools): { mode: 'ANY' | 'VALIDATED'; chosen: string[] } {
  if (choice.type !== 'allowed') {
    return { mode: 'ANY', chosen: choice.type === 'function' && choice.name ? [choice.name] : [] };
  }
  const found = choice.tools.filter(({ type }) => type !== 'custom').map(({ name }) => name);
  const chosen = found.filter((name) => name !== null);
  return { mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED', chosen };
}

function checked(name: string, declared: ReadonlySet<string>, names: FunctionNames, origin: RequestOrigin): string {
  if (declared.has(name)) return names.toGemini(name);
  const param = origin.paramOf('toolChoice');
  const message = `${param} names the function '${name.slice(0, 100)}', which is not among the tools. Declare it there.`;
  throw new GatewayError('invalid_value', message, { param });
}
