import { GatewayError } from '../protocol/errors.ts';
import { recordOf } from '../protocol/json.ts';
import type { ModelRequest, ModelTool, OtherTool } from '../protocol/model-request.ts';

/** OpenAI's word for code that a provider runs itself. */
const CODE = 'code_interpreter';

/**
 * True for OpenAI's tool for code, where any container will do: another one holds files of the client, or keeps it from
 * the network, at OpenAI alone. A chat has no form for what comes of it.
 */
export function isCodeTool(tool: ModelTool, { origin }: ModelRequest): boolean {
  if (origin.language === 'chat' || tool.type !== 'other' || tool.kind !== CODE) return false;
  const { container } = tool.source;
  if (container == null) return true;
  const { type, file_ids: files, network_policy: network } = recordOf(container);
  return type === 'auto' && network == null && !(Array.isArray(files) && files.length > 0);
}

/** What of such a tool no other provider can be told, in the client's words. */
export function unsaidOfCode({ source, kind }: OtherTool, { origin }: ModelRequest): string[] {
  const { memory_limit: memory } = recordOf(source['container']);
  return memory == null ? [] : [`${origin.toolParamOf(kind)}.container.memory_limit`];
}

/** True where the provider may run code, and its client is told of it as OpenAI tells it. */
export function runsCode(request: ModelRequest): boolean {
  return request.tools.filter((tool) => isCodeTool(tool, request)).some(callableTools(request));
}

/** OpenAI's words for a server of tools that a provider without OpenAI's connectors takes. */
export const SERVER_FIELDS = ['type', 'server_label', 'server_url', 'authorization', 'headers', 'allowed_tools'];

/**
 * True for a server of tools (MCP) that a provider may call without asking. Left out, `require_approval` means always to OpenAI:
 * what the client wants to approve of first is not called behind its back.
 */
export function isServerTool(tool: ModelTool, { origin }: ModelRequest): tool is OtherTool {
  if (origin.language === 'chat' || tool.type !== 'other' || tool.kind !== 'mcp') return false;
  const { server_url: url, require_approval: approval, allowed_tools: allowed } = tool.source;
  return typeof url === 'string' && approval === 'never' && (allowed == null || Array.isArray(allowed));
}

/** Which of the tools the client has not ruled out by its choice. */
export function callableTools({ toolChoice: choice }: ModelRequest): (tool: ModelTool) => boolean {
  if (choice === 'none') return () => false;
  if (choice === null || typeof choice === 'string' || choice.type !== 'allowed') return () => true;
  // A request may have thousands of either.
  const named = new Set(choice.tools.map(({ type, name }) => `${type} ${name}`));
  const kinds = new Set(choice.tools.map(({ source }) => source['type']));
  return (tool) => (tool.type === 'other' ? kinds.has(tool.kind) : named.has(`${tool.type} ${tool.name}`));
}

/**
 * For a provider that runs tools of its own.
 * @param has what the provider has of the declared tools, by their kinds: `function`, `web_search` …
 * @throws GatewayError 400 where the client demands a tool that the provider has not
 */
export function refuseMissingTool(request: ModelRequest, has: ReadonlySet<unknown>): void {
  if (request.origin.language === 'chat') return;
  // Any will do.
  if (request.toolChoice === 'required' && has.size > 0) return;
  const demanded = demandedBy(request);
  if (demanded.length === 0 || demanded.some((kind) => has.has(isSearchKind(kind) ? 'web_search' : kind))) return;
  throw missingTool(request.origin.paramOf('toolChoice'), demanded[0]);
}

/** Kinds of tools one of which has to be called; empty where none has to. */
function demandedBy({ toolChoice: choice, tools }: ModelRequest): readonly unknown[] {
  if (choice === 'required') return tools.map((tool) => (tool.type === 'other' ? tool.kind : 'function'));
  if (choice === null || typeof choice === 'string') return [];
  if (choice.type === 'other') return [choice.source['type']];
  if (choice.type !== 'allowed' || choice.mode !== 'required') return [];
  return choice.tools.map(({ type, source }) => (type === 'other' ? source['type'] : 'function'));
}

/** True for a search of the web, by whichever of OpenAI's words. */
export function isSearchKind(kind: unknown): boolean {
  return typeof kind === 'string' && kind.startsWith('web_search');
}

function missingTool(param: string, wanted: unknown): GatewayError {
  const message = `Invalid value for '${param}': it demands '${String(wanted)}', which this model does not have in that form. Choose another tool, or use another model.`;
  return new GatewayError('invalid_value', message, { param });
}
