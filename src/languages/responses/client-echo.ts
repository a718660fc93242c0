import { isRecord, type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';
import type { ResponsesBody } from './client-check.ts';
import type { ResponseEcho } from './client-response.ts';

/** What of an answer's circumstances is not in its body. */
export interface EchoContext {
  /** The conversation it is part of. */
  readonly conversation: string | null;
  /** Whether it will be kept. */
  readonly isStored: boolean;
}

/** What a response repeats of its request, completed with OpenAI's defaults. */
export function toEcho(body: ResponsesBody, { conversation, isStored }: EchoContext): ResponseEcho {
  return {
    previous_response_id: body.previous_response_id ?? null,
    conversation: conversation === null ? null : { id: conversation },
    instructions: body.instructions ?? null,
    tools: (body.tools ?? []).map(toShownTool),
    tool_choice: toShownChoice(body.tool_choice ?? 'auto'),
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    max_tool_calls: body.max_tool_calls ?? null,
    text: { ...body.text, format: body.text?.format ?? { type: 'text' } },
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    temperature: body.temperature ?? 1,
    top_p: body.top_p ?? 1,
    presence_penalty: body.presence_penalty ?? 0,
    frequency_penalty: body.frequency_penalty ?? 0,
    top_logprobs: body.top_logprobs ?? 0,
    max_output_tokens: body.max_output_tokens ?? null,
    truncation: body.truncation ?? 'disabled',
    store: isStored,
    background: body.background ?? false,
    service_tier: body.service_tier && body.service_tier !== 'auto' ? body.service_tier : 'default',
    metadata: body.metadata ?? {},
    safety_identifier: body.safety_identifier ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
  };
}

/** Open Responses demands every field of a function, null where it is not set. */
function toShownTool(tool: JsonRecord): JsonRecord {
  if (tool['type'] !== 'function') return tool;
  return { description: null, parameters: null, strict: null, ...tool };
}

function toShownChoice(choice: unknown): unknown {
  if (!isRecord(choice) || choice['type'] !== 'allowed_tools') return choice;
  return { mode: stringOf(choice['mode']) ?? 'auto', ...recordOf(choice) };
}
