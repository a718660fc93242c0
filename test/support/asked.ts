import { chatFace } from '../../src/languages/chat/client-face.ts';
import type { ClientRequest } from '../../src/languages/face.ts';
import { checkResponsesBody } from '../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../src/languages/responses/client-request.ts';
import type { ModelRequest } from '../../src/protocol/model-request.ts';
import { atOnce } from '../../src/protocol/turns.ts';

/** A chat as its client asks for it. @throws GatewayError for what is no chat */
export function askedOf(chat: unknown): ClientRequest {
  return atOnce(chatFace.parse(chat));
}

/** A chat in the words of the house. */
export function requestOf(chat: unknown): ModelRequest {
  return askedOf(chat).request;
}

/** A response in the words of the house. @param fields of the request, in place of what is usual */
export function responsesRequestOf(fields: object): ModelRequest {
  return atOnce(readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input: 'Hi', ...fields })), []));
}
