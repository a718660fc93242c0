import type { Adapted, ModelFacts } from '../../languages/dialect.ts';
import { DroppedParameters } from '../../languages/dropped-parameters.ts';
import { withEmulatedTools } from '../../languages/emulated-tools.ts';
import { toInput } from '../../languages/responses/upstream-input.ts';
import { toOutputLimit } from '../../languages/responses/upstream-request.ts';
import { createUnsaidParameters } from '../../languages/unsaid-parameters.ts';
import { type JsonRecord, pickValues } from '../../protocol/json.ts';
import type { ModelRequest, OutputFormat } from '../../protocol/model-request.ts';
import { toModelFields } from './models.ts';
import { FILTERS, lostSearchOptions } from './search.ts';
import { toTooling } from './tools.ts';

/** Perplexity's own fields, which travel as they came. It refuses a request with any field that it does not know. */
const OWN_FIELDS = ['language_preference', 'max_steps', 'max_tool_calls', 'preset'];

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
    ...toTooling(request, facts, dropped),
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

const unsaidParameters = createUnsaidParameters({
  parameters: [
    ...(['stream', 'maxOutputTokens', 'temperature', 'topP', 'outputFormat', 'reasoning'] as const),
    ...(['tools', 'toolChoice', 'parallelToolCalls', 'search', 'store', 'metadata'] as const),
  ],
  extras: [...OWN_FIELDS, ...FILTERS],
});
