import { type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ResponseEcho } from './client-response.ts';

/** How a response is kept: decided by the gateway, not repeated from the request. */
export interface KeptAs {
  readonly previousResponseId: string | null;
  readonly conversationId: string | null;
  readonly isStored: boolean;
}

/** What a response repeats of a body that was checked, with OpenAI's defaults where the client says nothing. */
export function toEcho(body: JsonRecord, { previousResponseId, conversationId, isStored }: KeptAs): ResponseEcho {
  return {
    previous_response_id: previousResponseId,
    conversation: conversationId === null ? null : { id: conversationId },
    instructions: body['instructions'] ?? null,
    tools: recordsOf(body['tools']).map(completedTool),
    tool_choice: body['tool_choice'] ?? 'auto',
    parallel_tool_calls: body['parallel_tool_calls'] !== false,
    max_tool_calls: numberOf(body['max_tool_calls']),
    text: toTextEcho(recordOf(body['text'])),
    reasoning: { effort: null, summary: null, ...recordOf(body['reasoning']) },
    temperature: numberOf(body['temperature']) ?? 1,
    top_p: numberOf(body['top_p']) ?? 1,
    presence_penalty: numberOf(body['presence_penalty']) ?? 0,
    frequency_penalty: numberOf(body['frequency_penalty']) ?? 0,
    top_logprobs: numberOf(body['top_logprobs']) ?? 0,
    max_output_tokens: numberOf(body['max_output_tokens']),
    truncation: stringOf(body['truncation']) ?? 'disabled',
    store: isStored,
    background: body['background'] === true,
    service_tier: stringOf(body['service_tier']) ?? 'default',
    metadata: recordOf(body['metadata']),
    safety_identifier: stringOf(body['safety_identifier']),
    prompt_cache_key: stringOf(body['prompt_cache_key']),
  };
}

/** Open Responses asks for every field of a function. */
function completedTool(tool: JsonRecord): JsonRecord {
  if (tool['type'] !== 'function') return tool;
  return {
    ...tool,
    description: tool['description'] ?? null,
    parameters: tool['parameters'] ?? null,
    strict: tool['strict'] ?? null,
  };
}

function toTextEcho({ format, verbosity }: JsonRecord): JsonRecord {
  return { format: completedFormat(recordOf(format ?? { type: 'text' })), verbosity: verbosity ?? 'medium' };
}

function completedFormat(format: JsonRecord): JsonRecord {
  if (format['type'] !== 'json_schema') return format;
  return { ...format, description: format['description'] ?? null, strict: format['strict'] ?? false };
}
