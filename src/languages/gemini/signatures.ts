import type { AssistantMessage, ToolCall } from '../../protocol/chat.ts';
import { type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import { plainCallId, signatureInId } from '../chat/words.ts';
import type { SignatureStore } from './signature-store.ts';

/** Google's documented word for a call that no Gemini made: Gemini 3 refuses calls without a signature. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Finds the signatures of one assistant message, in whichever form its client brought them back. */
export interface MessageSignatures {
  ofCall(call: ToolCall, order: number): string | null;
  ofText(): string | null;
}

/** The signatures of one assistant message, from wherever a client or another gateway kept them. */
export function readSignatures(message: AssistantMessage, store: SignatureStore): MessageSignatures {
  const callIds = new Set((message.tool_calls ?? []).map((call) => plainCallId(call.id)));
  const details = openRouterDetails(message);
  // A signature without the id of a call belongs to the first call, or to the text when there is none.
  const loose = [...details].find(([id]) => !callIds.has(id))?.[1] ?? null;
  return {
    ofCall(call, order) {
      const id = plainCallId(call.id);
      const own = fieldsOf(call) || fieldsOf(recordOf(call.function)) || signatureInId(call.id) || details.get(id);
      return own || (order === 0 ? loose : null) || store.get(id);
    },
    ofText: () => fieldsOf(message) || (callIds.size === 0 ? loose : null),
  };
}

/** Google's own field, LiteLLM's, and Portkey's. */
function fieldsOf(holder: JsonRecord): string | null {
  const google = recordOf(recordOf(holder['extra_content'])['google']);
  const specific = recordOf(holder['provider_specific_fields']);
  return stringOf(google['thought_signature'] || specific['thought_signature'] || holder['thought_signature']);
}

/** OpenRouter's `reasoning_details`, by tool call id. */
function openRouterDetails(message: AssistantMessage): Map<string, string> {
  const signatures = new Map<string, string>();
  for (const detail of recordsOf(message['reasoning_details'])) {
    const data = stringOf(detail['data']);
    if (detail['format'] !== 'google-gemini-v1' || !data) continue;
    signatures.set(plainCallId(stringOf(detail['id']) ?? ''), data);
  }
  return signatures;
}
