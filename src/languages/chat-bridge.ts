import type { ChatRequest } from '../protocol/chat.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { atOnce } from '../protocol/turns.ts';
import { readChatRequest } from './chat/client-request.ts';

const known = new WeakMap<ChatRequest, ModelRequest>();

/**
 * A chat request in the house's words, made once for each: the bridge between a call that still holds its chat and
 * dialects that read a `ModelRequest`. It goes when calls hold one.
 */
export function toModelRequest(chat: ChatRequest): ModelRequest {
  let request = known.get(chat);
  if (request === undefined) {
    request = atOnce(readChatRequest(chat));
    known.set(chat, request);
  }
  return request;
}
