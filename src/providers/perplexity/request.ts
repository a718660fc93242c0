import type { Adapted, ModelFacts } from '../../languages/dialect.ts';
import { DroppedParameters } from '../../languages/dropped-parameters.ts';
import { withEmulatedTools } from '../../languages/emulated-tools.ts';
import { toInput } from '../../languages/responses/upstream-input.ts';
import { toOutputLimit } from '../../languages/responses/upstream-request.ts';
import { toResponsesTool, toResponsesToolChoice } from '../../languages/responses/upstream-tools.ts';
import { createUnsaidParameters } from '../../languages/unsaid-parameters.ts';
import { isRecord, type JsonRecord, pickValues } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool, OutputFormat } from '../../protocol/model-request.ts';
import { searchesByDefault, toModelFields } from './models.ts';
import { FILTERS, lostSearchOptions, toSearchTool } from './search.ts';

/** Perplexity's own fields, which travel as they came. It refuses a request with any field that it does not know. */
const OWN_FIELDS = ['language_preference', 'max_steps', 'max_tool_calls', 'preset'];

/** Tools that Perplexity runs itself, beside the client's functions. */
const OWN_TOOLS = ['web_search', 'fetch_url', 'people_search', 'finance_search', 'sandbox', 'mcp'];

/** Anthropic's models have to be told a limit. */
const ANTHROPIC_OUTPUT_TOKENS = 8192;

/** The request in the language of Perplexity's Agent API; what it has no words for is named. */
export function toAgentRequest(asked: ModelRequest, facts: ModelFacts): Adapted {
  const request = withEmulatedTools(asked);
  const { origin, outputFormat, reasoning } = request;
  const dropped = new DroppedParameters(origin, unsaidParameters(request));
  if (outputFormat?.type === 'json_object' || outputFormat?.type === 'other') dropped.add('outputFormat');
  if (reasoning.budget) dropped.add('reasoningBudget');
  for (const option of lostSearchOptions(request.search)) dropped.add('search', option);
  dropped.addTools(request.tools.filter((tool) => !isKnown(tool)));
  dropped.addNames(origin.askedInMessages());
  const isSigned = facts.upstream.startsWith('google/');
  const body = {
    ...toModel(request, facts),
    input: toInput(request, { parts: ['image'], isPlain: true, isSigned }),
    ...toSharedFields(request),
    store: request.store === true,
    ...toLimit(request, facts),
    ...toReasoning(reasoning.effort),
    ...toFormat(outputFormat),
    ...toTooling(request, facts),
  };
  return { body, dropped: dropped.list() };
}

/** A preset brings its own search: a request that must not search goes to the model alone. */
function toModel({ search }: ModelRequest, facts: ModelFacts): JsonRecord {
  const fields = toModelFields(facts.upstream);
  return search.isForbidden && fields['model'] ? { model: fields['model'] } : fields;
}

function toSharedFields({ extras, metadata, parallelToolCalls, isStream, sampling }: ModelRequest): JsonRecord {
  return {
    ...pickValues(extras, OWN_FIELDS),
    ...pickValues({
      metadata,
      parallel_tool_calls: parallelToolCalls,
      stream: isStream || null,
      temperature: sampling.temperature,
      top_p: sampling.topP,
    }),
  };
}

function toLimit(request: ModelRequest, facts: ModelFacts): JsonRecord {
  const limit = toOutputLimit(request);
  if ('max_output_tokens' in limit || !facts.upstream.startsWith('anthropic/')) return limit;
  return { max_output_tokens: facts.maxOutputTokens ?? ANTHROPIC_OUTPUT_TOKENS };
}

/** The least that Perplexity knows is `minimal`. */
function toReasoning(effort: string | null): JsonRecord {
  return effort ? { reasoning: { effort: effort === 'none' ? 'minimal' : effort } } : {};
}

function toFormat(format: OutputFormat | null): JsonRecord {
  if (format?.type !== 'json_schema') return {};
  const { name, schema, strict } = format;
  const json_schema = { name, schema: schema ?? {}, strict: strict ?? false };
  return { response_format: { type: 'json_schema', json_schema } };
}

/**
 * The client's tools and the search. Search is forced where the client has no tools of its own, since the models
 * search only if they like; it is left out where the client forces a tool, since it would satisfy the choice.
 */
function toTooling(request: ModelRequest, facts: ModelFacts): JsonRecord {
  const { tools: own, choice } = narrowed(request);
  const isForced = choice === 'required' || isRecord(choice);
  const hasSearch = own.some(({ type }) => type === 'web_search');
  const search = hasSearch ? null : toSearchTool(request, searchesByDefault(facts.upstream) && !isForced);
  const tools = search ? [...own, search] : own;
  if (tools.length === 0) return {};
  const forced = search && own.length === 0 ? { type: 'web_search' } : choice;
  return { tools, ...(forced ? { tool_choice: forced } : {}) };
}

/** `none` is said by leaving the tools out, so that the search stays; allowed tools by leaving out the others. */
function narrowed({ tools, toolChoice: choice }: ModelRequest): { tools: readonly JsonRecord[]; choice: unknown } {
  if (choice === 'none') return { tools: [], choice: null };
  const said = tools.filter(isKnown).map(toResponsesTool);
  if (choice === null || typeof choice === 'string' || choice.type !== 'allowed') {
    return { tools: said, choice: choice && said.length > 0 ? toResponsesToolChoice(choice) : null };
  }
  // Perplexity's own tools have no names: one of them stands for all.
  const names = new Set<unknown>(choice.tools.map(({ name }) => name));
  return { tools: said.filter(({ name = null }) => names.has(name)), choice: choice.mode };
}

/** OpenAI's search of kept pages alone is none of Perplexity's, which visits live ones. */
function isKnown(tool: ModelTool): boolean {
  if (tool.type !== 'other') return tool.type === 'function';
  return OWN_TOOLS.includes(tool.kind) && tool.source['external_web_access'] !== false;
}

const unsaidParameters = createUnsaidParameters({
  parameters: [
    ...(['stream', 'maxOutputTokens', 'temperature', 'topP', 'outputFormat', 'reasoning'] as const),
    ...(['tools', 'toolChoice', 'parallelToolCalls', 'search', 'store', 'metadata'] as const),
  ],
  extras: [...OWN_FIELDS, ...FILTERS],
});
