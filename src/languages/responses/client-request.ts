import { type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';
import { createTextParser } from '../../protocol/json-budget.ts';
import type { ModelMessage } from '../../protocol/model-message.ts';
import type { ModelRequest, OutputFormat, ReasoningWish, RemoteState, Sampling } from '../../protocol/model-request.ts';
import type { Steps } from '../../protocol/turns.ts';
import type { ResponsesBody } from './client-check.ts';
import { readConversation } from './client-conversation.ts';
import { calledTools, declaredTools, isNamed } from './client-declared-tools.ts';
import { placedItems, visibleItems } from './client-history.ts';
import { INSTRUCTIONS, ResponsesOrigin } from './client-origin.ts';
import { OWN_PARAMETERS, PARAMETER_GROUPS, RESPONSES_PARAMETERS, wantsLogprobs } from './client-parameters.ts';
import { createToolNameTable } from './client-tool-names.ts';
import { readResponsesToolChoice, readResponsesTools, readSearchTool, searchTypeOf } from './client-tools.ts';
import { openEnvelope } from './words.ts';

/**
 * A valid body in the house's own words, in steps for a large one. What is kept, and where, is no concern of a provider.
 * @param context the items before the client's own: of a conversation, or of earlier responses. What a store keeps beside a
 * message or a call for its provider is in `encrypted_content`, in an envelope
 * @param remote where the rest of the conversation is kept by the provider: then it is no matter of the gateway's whether it is whole
 * @throws GatewayError 400 for a history that is no conversation
 */
export function* readResponsesRequest(
  body: ResponsesBody,
  context: readonly JsonRecord[],
  remote: RemoteState | null = null,
): Steps<ModelRequest> {
  const items = placedItems(body, context).filter(({ type }) => remote === null || type !== 'item_reference');
  yield;
  const declared = declaredTools(body, items);
  const names = createToolNameTable(declared.filter(isNamed), calledTools(items));
  yield;
  const parse = createTextParser();
  const open = (sealed: string) => openEnvelope(sealed, parse);
  const visible = visibleItems(items, body, open, remote !== null);
  yield;
  const { messages: said, lost } = yield* readConversation(visible, names, open);
  const messages = [...readInstructions(body), ...said];
  return {
    model: body.model ?? '',
    fallbacks: body.fallbacks ?? null,
    messages,
    isStream: body.stream === true,
    // Padding of events is the answer's own.
    streamOptions: null,

    tools: readResponsesTools(declared, names),
    toolChoice: readResponsesToolChoice(body.tool_choice, names),
    parallelToolCalls: body.parallel_tool_calls ?? null,
    search: readSearchTool(declared),

    outputFormat: readTextFormat(body.text?.format),
    verbosity: body.text?.verbosity ?? null,
    reasoning: readReasoningWish(body.reasoning),
    maxOutputTokens: body.max_output_tokens ?? null,
    stop: null,
    choiceCount: 1,
    forgetsOldest: body.truncation === 'auto',
    logprobs: Boolean(body.top_logprobs) || wantsLogprobs(body.include),
    topLogprobs: body.top_logprobs ?? null,
    modalities: null,
    audio: null,

    sampling: readSampling(body),
    serviceTier: body.service_tier ?? null,
    store: null,
    user: body.user ?? null,
    metadata: null,
    extras: readExtras(body),
    origin: new ResponsesOrigin(body, {
      lost,
      searchType: searchTypeOf(declared),
      items: visible.map(({ item }) => item),
      messages,
      remote,
    }),
  };
}

/** For this turn alone; before everything else. */
function readInstructions({ instructions }: ResponsesBody): ModelMessage[] {
  if (!instructions) return [];
  return [{ role: 'system', content: instructions, at: INSTRUCTIONS, source: null }];
}

function readTextFormat(format: NonNullable<ResponsesBody['text']>['format']): OutputFormat | null {
  if (!format) return null;
  const source: JsonRecord = format;
  if (format.type !== 'json_schema') return { type: format.type, source };
  const { name, schema, strict, description } = format;
  return { type: 'json_schema', name, schema, strict: strict ?? null, description: description ?? null, source };
}

/** A summary is what can be read of thoughts: who asks for one wants to read them. */
function readReasoningWish(reasoning: ResponsesBody['reasoning']): ReasoningWish {
  const { effort, summary, generate_summary: older } = recordOf(reasoning);
  const told = stringOf(summary) ?? stringOf(older);
  const names = [
    ...(typeof effort === 'string' && effort !== 'none' ? ['reasoning.effort'] : []),
    ...(told === null ? [] : ['reasoning.summary']),
  ];
  return { effort: stringOf(effort), budget: null, wantsText: told === null ? null : true, summary: told, names };
}

function readSampling(body: ResponsesBody): Sampling {
  return {
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    topK: null,
    presencePenalty: body.presence_penalty ?? null,
    frequencyPenalty: body.frequency_penalty ?? null,
    seed: null,
    logitBias: null,
  };
}

/** OpenAI cuts a conversation by itself where it is asked to: the one field that is ours and can be said all the same. */
const SHARED = 'truncation';

function readExtras(body: JsonRecord): JsonRecord {
  const names = Object.keys(body).filter(
    (name) =>
      name === SHARED || !(RESPONSES_PARAMETERS.has(name) || OWN_PARAMETERS.has(name) || PARAMETER_GROUPS.has(name)),
  );
  return Object.fromEntries(names.map((name) => [name, body[name]]));
}
