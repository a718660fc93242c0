import type { ModelFacts } from '../../languages/dialect.ts';
import type { DroppedParameters } from '../../languages/dropped-parameters.ts';
import {
  callableTools,
  isCodeTool,
  isServerTool,
  refuseMissingTool,
  SERVER_FIELDS,
  unsaidOfCode,
} from '../../languages/hosted-tools.ts';
import { toResponsesTool, toResponsesToolChoice } from '../../languages/responses/upstream-tools.ts';
import { isRecord, type JsonRecord, pickValues } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool } from '../../protocol/model-request.ts';
import { searchesByDefault } from './models.ts';
import { toSearchTool } from './search.ts';

/** Tools that Perplexity runs itself, beside the client's functions. */
const OWN_TOOLS = ['web_search', 'fetch_url', 'people_search', 'finance_search', 'sandbox', 'mcp'];

const SANDBOX = { type: 'sandbox' };

/**
 * The client's tools and the search. Search is forced where the client has no tools of its own, since the models
 * search only if they like; it is left out where the client forces a tool, since it would satisfy the choice.
 * @throws GatewayError 400 where the client demands a tool that there is not
 */
export function toTooling(request: ModelRequest, facts: ModelFacts, dropped: DroppedParameters): JsonRecord {
  const known = request.tools.filter((tool) => isKnown(tool, request));
  dropped.addTools(request.tools.filter((tool) => !isKnown(tool, request)));
  for (const tool of known) dropped.addNames(unsaidOf(tool, request));
  const kinds = known.map((tool) => (tool.type === 'other' ? tool.kind : tool.type));
  refuseMissingTool(request, new Set([...kinds, ...(request.search.options === null ? [] : ['web_search'])]));
  const { tools: own, choice } = narrowed(request, known);
  const isForced = choice === 'required' || isRecord(choice);
  const hasSearch = own.some(({ type }) => type === 'web_search');
  const search = hasSearch ? null : toSearchTool(request, searchesByDefault(facts.upstream) && !isForced);
  const tools = search ? [...own, search] : own;
  if (tools.length === 0) return {};
  const forced = search && own.length === 0 ? { type: 'web_search' } : choice;
  return { tools, ...(forced ? { tool_choice: forced } : {}) };
}

/** `none` is said by leaving the tools out, so that the search stays; allowed tools by leaving out the others. */
function narrowed(
  request: ModelRequest,
  known: readonly ModelTool[],
): { tools: readonly JsonRecord[]; choice: unknown } {
  const { toolChoice: choice } = request;
  if (choice === 'none') return { tools: [], choice: null };
  const toOwn = (tool: ModelTool) => toOwnTool(tool, request);
  // There is no word for one of its own tools but the search: what stands alone, and is required, is forced.
  const forced = known.filter((tool) => isForced(tool, choice));
  if (forced.length > 0) return { tools: forced.map(toOwn), choice: 'required' };
  if (choice === null || typeof choice === 'string' || choice.type !== 'allowed') {
    return { tools: known.map(toOwn), choice: choice && known.length > 0 ? toResponsesToolChoice(choice) : null };
  }
  return { tools: known.filter(callableTools(request)).map(toOwn), choice: choice.mode };
}

function toOwnTool(tool: ModelTool, request: ModelRequest): JsonRecord {
  if (isCodeTool(tool, request)) return SANDBOX;
  return isServerTool(tool, request) ? pickValues(tool.source, SERVER_FIELDS) : toResponsesTool(tool);
}

/** What of a tool is left out, in the client's words: Perplexity refuses what it does not know. */
function unsaidOf(tool: ModelTool, request: ModelRequest): readonly string[] {
  if (tool.type !== 'other') return [];
  if (isCodeTool(tool, request)) return unsaidOfCode(tool, request);
  if (!isServerTool(tool, request)) return [];
  const unsaid = Object.keys(pickValues(tool.source)).filter(
    (name) => ![...SERVER_FIELDS, 'require_approval'].includes(name),
  );
  return unsaid.map((name) => `${request.origin.toolParamOf(tool.kind)}.${name}`);
}

/** True for a tool of OpenAI's that the choice names by its type, and a server by its label as well. */
function isForced(tool: ModelTool, choice: ModelRequest['toolChoice']): boolean {
  if (choice === null || typeof choice === 'string' || choice.type !== 'other' || tool.type !== 'other') return false;
  const { type, server_label: label = null } = choice.source;
  if (type !== tool.kind || (type !== 'code_interpreter' && type !== 'mcp')) return false;
  return label === null || label === tool.source['server_label'];
}

/** OpenAI's search of kept pages alone is none of Perplexity's, which visits live ones. */
function isKnown(tool: ModelTool, request: ModelRequest): boolean {
  if (tool.type !== 'other') return tool.type === 'function';
  if (isCodeTool(tool, request)) return true;
  if (tool.kind === 'mcp' && request.origin.language !== 'chat') return isServerTool(tool, request);
  return OWN_TOOLS.includes(tool.kind) && tool.source['external_web_access'] !== false;
}
