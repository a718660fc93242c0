import { readReasoning } from '../../languages/chat/words.ts';
import type { Adapted, ModelFacts } from '../../languages/dialect.ts';
import { toInput } from '../../languages/responses/input.ts';
import { toOutputLimit } from '../../languages/responses/request.ts';
import { toResponsesTool, toResponsesToolChoice } from '../../languages/responses/tools.ts';
import { createUnusedFields } from '../../languages/unused-fields.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, pickValues, recordOf, recordsOf } from '../../protocol/json.ts';
import { searchesByDefault, toModelFields } from './models.ts';
import { lostSearchOptions, SEARCH_FIELDS, toSearchTool } from './search.ts';

/** Fields that travel as they came. Perplexity refuses a request with any field it does not know. */
const SHARED_FIELDS = [
  'language_preference',
  'max_steps',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'preset',
  'stream',
  'temperature',
  'top_p',
];

/** Fields that are said in other words below. `stream_options`: usage comes anyway. */
const TRANSLATED_FIELDS = [
  'max_completion_tokens',
  'max_tokens',
  'reasoning',
  'reasoning_effort',
  'response_format',
  'store',
  'stream_options',
  'tool_choice',
  'tools',
];

const unusedFields = createUnusedFields([...SHARED_FIELDS, ...TRANSLATED_FIELDS, ...SEARCH_FIELDS]);

/** Tools that Perplexity runs itself, beside the client's functions. */
const OWN_TOOLS = ['web_search', 'fetch_url', 'people_search', 'finance_search', 'sandbox', 'mcp'];

/** Anthropic's models have to be told a limit. */
const ANTHROPIC_OUTPUT_TOKENS = 8192;

/** The request in the language of Perplexity's Agent API; what it has no words for is named. */
export function toAgentRequest(chat: ChatRequest, facts: ModelFacts): Adapted {
  const isSigned = facts.upstream.startsWith('google/');
  const input = toInput(chat.messages, { parts: ['image_url'], isPlain: true, isSigned });
  const tooling = toTooling(chat, facts);
  const format = toFormat(chat.response_format);
  const wish = readReasoning(chat);
  const body = {
    ...modelFields(chat, facts),
    input: input.items,
    ...pickValues(chat, SHARED_FIELDS),
    store: chat['store'] === true,
    ...toLimit(chat, facts),
    ...toReasoning(wish.effort),
    ...(format ? { response_format: format } : {}),
    ...tooling.fields,
  };
  const isFormatLost = chat.response_format && chat.response_format.type !== 'text' && format === null;
  const lost = unusedFields(chat);
  const lostFields = [...(isFormatLost ? ['response_format'] : []), ...(wish.budget ? ['reasoning.max_tokens'] : [])];
  return { body, dropped: [...lost, ...lostFields, ...lostSearchOptions(chat), ...tooling.dropped, ...input.dropped] };
}

/** A preset brings its own search: a request that must not search goes to the model alone. */
function modelFields(chat: ChatRequest, facts: ModelFacts): JsonRecord {
  const fields = toModelFields(facts.upstream);
  return chat['disable_search'] === true && fields['model'] ? { model: fields['model'] } : fields;
}

function toLimit(chat: ChatRequest, facts: ModelFacts): JsonRecord {
  const limit = toOutputLimit(chat);
  if ('max_output_tokens' in limit || !facts.upstream.startsWith('anthropic/')) return limit;
  return { max_output_tokens: facts.maxOutputTokens ?? ANTHROPIC_OUTPUT_TOKENS };
}

/** The least that Perplexity knows is `minimal`. */
function toReasoning(effort: string | null): JsonRecord {
  return effort ? { reasoning: { effort: effort === 'none' ? 'minimal' : effort } } : {};
}

function toFormat(format: ChatRequest['response_format']): JsonRecord | null {
  if (format?.type !== 'json_schema') return null;
  const { name, schema, strict } = format.json_schema;
  return { type: 'json_schema', json_schema: { name, schema: schema ?? {}, strict: strict ?? false } };
}

interface Tooling {
  readonly fields: JsonRecord;
  readonly dropped: readonly string[];
}

/**
 * The client's tools and the search. Search is forced where the client has no tools of its own, since the models
 * search only if they like; it is left out where the client forces a tool, since it would satisfy the choice.
 */
function toTooling(chat: ChatRequest, facts: ModelFacts): Tooling {
  const known = (chat.tools ?? []).filter(({ type }) => type === 'function' || OWN_TOOLS.includes(type));
  const dropped = known.length < (chat.tools ?? []).length ? ['tools'] : [];
  const { tools: own, choice } = narrowed(known.map(toResponsesTool), chat.tool_choice);
  const isForced = choice === 'required' || isRecord(choice);
  const hasSearch = own.some(({ type }) => type === 'web_search');
  const search = hasSearch ? null : toSearchTool(chat, searchesByDefault(facts.upstream) && !isForced);
  const tools = search ? [...own, search] : own;
  if (tools.length === 0) return { fields: {}, dropped };
  const forced = search && own.length === 0 ? { type: 'web_search' } : choice;
  return { fields: { tools, ...(forced ? { tool_choice: forced } : {}) }, dropped };
}

/** `none` is said by leaving the tools out, so that the search stays; allowed tools by leaving out the others. */
function narrowed(tools: readonly JsonRecord[], choice: ChatRequest['tool_choice']) {
  if (choice === 'none') return { tools: [], choice: null };
  if (!isRecord(choice) || choice.type !== 'allowed_tools') {
    return { tools, choice: choice && tools.length > 0 ? toResponsesToolChoice(choice) : null };
  }
  const { mode, tools: allowed } = recordOf(choice['allowed_tools'] ?? choice);
  const names = new Set(recordsOf(allowed).map((tool) => recordOf(tool['function'])['name'] ?? tool['name']));
  return { tools: tools.filter(({ name }) => names.has(name)), choice: mode };
}
