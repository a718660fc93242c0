import type { Usage } from '../../protocol/delta.ts';
import { type GatewayError, MEANINGS } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';

/** What a response repeats of its request: every field has a value, OpenAI's default where the client named none. */
export interface ResponseEcho {
  readonly previous_response_id: string | null;
  /** Only shown where there is one. */
  readonly conversation: { readonly id: string } | null;
  readonly instructions: unknown;
  /** As the client wrote them, completed: a function has `description`, `parameters` and `strict`. */
  readonly tools: readonly JsonRecord[];
  readonly tool_choice: unknown;
  readonly parallel_tool_calls: boolean;
  readonly max_tool_calls: number | null;
  readonly text: JsonRecord;
  readonly reasoning: JsonRecord | null;
  readonly temperature: number;
  readonly top_p: number;
  readonly presence_penalty: number;
  readonly frequency_penalty: number;
  readonly top_logprobs: number;
  readonly max_output_tokens: number | null;
  readonly truncation: string;
  readonly store: boolean;
  readonly background: boolean;
  readonly service_tier: string;
  readonly metadata: JsonRecord | null;
  readonly safety_identifier: string | null;
  readonly prompt_cache_key: string | null;
}

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** How far an answer has come. */
export interface ResponseState {
  readonly id: string;
  readonly status: ResponseStatus;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** Seconds since the epoch; null unless it is completed. */
  readonly completedAt: number | null;
  readonly model: string;
  readonly output: readonly JsonRecord[];
  readonly usage: Usage | null;
  readonly incompleteReason: string | null;
  readonly error: GatewayError | null;
  /** The tier that the provider served it in; null where it does not say. */
  readonly serviceTier: string | null;
}

/** OpenAI's response object: all of its 31 keys, whatever there is to say (strict clients miss each of them). */
export function toResponse(echo: ResponseEcho, state: ResponseState): JsonRecord {
  const { conversation, ...said } = echo;
  return {
    id: state.id,
    object: 'response',
    created_at: state.createdAt,
    completed_at: state.completedAt,
    status: state.status,
    error: state.error && toResponseError(state.error),
    incomplete_details: state.incompleteReason === null ? null : { reason: state.incompleteReason },
    model: state.model,
    output: state.output,
    usage: state.usage && toResponseUsage(state.usage),
    ...said,
    service_tier: state.serviceTier ?? tierOf(echo, state),
    ...(conversation ? { conversation } : {}),
  };
}

/** What of a response is ours, also where a provider wrote the rest: of one that the provider keeps, the names alone. */
export function toOwnFields(echo: ResponseEcho, id: string, model: string, isRemote: boolean): JsonRecord {
  const { previous_response_id, conversation, store, background, metadata } = echo;
  if (isRemote) return { id, model, previous_response_id };
  const own = { id, model, previous_response_id, store, background, metadata };
  return conversation ? { ...own, conversation } : own;
}

/** OpenAI says `auto` as long as it is not done. */
function tierOf({ service_tier: asked }: ResponseEcho, { status }: ResponseState): string {
  const isDone = status !== 'queued' && status !== 'in_progress';
  return asked === 'auto' && isDone ? 'default' : asked;
}

/** What a client reads of a failure. One that asks for a rest says how long, in the words that Codex looks for. */
export function messageOf({ code, message, retryAfterMs }: GatewayError): string {
  if (
    code !== 'rate_limit_exceeded' ||
    retryAfterMs === null ||
    retryAfterMs === Number.POSITIVE_INFINITY ||
    /try again in/i.test(message)
  )
    return message;
  return `${message} Please try again in ${retryAfterMs / 1000}s.`;
}

/** OpenAI's list of codes has one word for every fault of a server; the `error` event before it has ours. */
function toResponseError(error: GatewayError): JsonRecord {
  const isOfServer = MEANINGS[error.code].type === 'server_error';
  const code = isOfServer ? 'server_error' : (error.toBody().error.code ?? error.code);
  return { code, message: messageOf(error) };
}

function toResponseUsage(usage: Usage): JsonRecord {
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: {
      cached_tokens: input['cached_tokens'] ?? 0,
      cache_write_tokens: input['cache_write_tokens'] ?? 0,
    },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: output['reasoning_tokens'] ?? 0 },
    total_tokens: usage.total_tokens,
  };
}
