import type { ChatRequest } from '../protocol/chat.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { toChatMessages } from './chat/upstream-messages.ts';
import { toChatFields } from './chat/upstream-request.ts';

/** A request in chat's words, for a dialect that does not read a `ModelRequest` yet. */
export function toChat(request: ModelRequest): ChatRequest {
  return {
    ...toChatFields(request, true),
    model: request.model,
    messages: toChatMessages(request, true),
  } as ChatRequest;
}
