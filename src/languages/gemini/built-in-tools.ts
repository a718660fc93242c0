import { type JsonRecord, recordOf } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool, OtherTool } from '../../protocol/model-request.ts';
import type { DroppedParameters } from '../dropped-parameters.ts';
import { callableTools, isCodeTool, refuseMissingTool, unsaidOfCode } from '../hosted-tools.ts';
import type { GeminiModel } from './version.ts';

const CODE = 'codeExecution';

/** Google's own tools, by the `type` under which a client may ask for them beside `web_search_options`. */
const BUILT_IN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    google_search: 'googleSearch',
    url_context: 'urlContext',
    code_execution: CODE,
  }),
);

/**
 * Google's own tools that a request asks for.
 * @throws GatewayError 400 where the client demands a tool that there is not
 */
export function toBuiltInTools(
  request: ModelRequest,
  model: GeminiModel,
  hasFunctions: boolean,
  dropped: DroppedParameters,
): JsonRecord[] {
  // Before Gemini 3 they exclude functions.
  const isExcluded = hasFunctions && model.version < 300;
  const isKnown = (tool: ModelTool): tool is OtherTool => !isExcluded && isBuiltIn(tool, request, model);
  const known = request.tools.filter(isKnown);
  dropped.addTools(request.tools.filter((tool) => tool.type !== 'function' && !isKnown(tool)));
  const searches = toSearch(request, isExcluded, dropped);
  const functions = hasFunctions ? ['function'] : [];
  refuseMissingTool(request, new Set([...known.map(({ kind }) => kind), ...functions, ...searches.keys()]));
  const isCallable = callableTools(request);
  const own = known
    .filter((tool) => !isCodeTool(tool, request) || isCallable(tool))
    .flatMap((tool) => toBuiltIn(tool, request, dropped));
  return [...new Map([...own, ...searches.values()])].map(([name, settings]) => ({ [name]: settings }));
}

/** The name and the settings of a tool. */
type GoogleTool = readonly [string, JsonRecord];

function isBuiltIn(tool: ModelTool, request: ModelRequest, { paints }: GeminiModel): tool is OtherTool {
  if (tool.type !== 'other') return false;
  return BUILT_IN.has(tool.kind) || isCodeTool(tool, request) || (paints && isImageTool(tool));
}

/** True where a client wants to be painted something, in OpenAI's words: models that can need no tool for it. */
export function isImageTool(tool: ModelTool): tool is OtherTool {
  return tool.type === 'other' && tool.kind === 'image_generation';
}

/** True for the tool that runs code, as Google writes it. */
export function isCodeExecution(tool: JsonRecord): boolean {
  return CODE in tool;
}

function toBuiltIn(tool: OtherTool, request: ModelRequest, dropped: DroppedParameters): GoogleTool[] {
  const { kind, source } = tool;
  const { origin } = request;
  if (isImageTool(tool)) {
    const options = Object.keys(source).filter((name) => name !== 'type' && source[name] != null);
    dropped.addNames(options.map((name) => `${origin.toolParamOf(kind)}.${name}`));
    return [];
  }
  if (!isCodeTool(tool, request)) return [[BUILT_IN.get(kind) ?? kind, recordOf(source[kind])]];
  dropped.addNames(unsaidOfCode(tool, request));
  return [[CODE, {}]];
}

/** The search of a request by the client's word for it. Google takes no options for it. */
function toSearch(
  { search: { options, isForbidden } }: ModelRequest,
  isExcluded: boolean,
  dropped: DroppedParameters,
): ReadonlyMap<string, GoogleTool> {
  if (options === null || isForbidden) return new Map();
  for (const name of Object.keys(options)) if (options[name] != null) dropped.add('search', name);
  if (isExcluded) dropped.add('search');
  return new Map(isExcluded ? [] : [['web_search', ['googleSearch', {}]]]);
}
