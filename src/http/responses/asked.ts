import type { NewItem } from '../../conversations/records.ts';
import type { ClientRequest } from '../../languages/face.ts';
import { toEcho } from '../../languages/responses/client-echo.ts';
import { readResponsesRequest } from '../../languages/responses/client-request.ts';
import { toolNamesOf } from '../../languages/responses/client-tool-names.ts';
import { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import { createId, type IdSources, sealEnvelope } from '../../languages/responses/words.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Steps } from '../../protocol/turns.ts';
import { toNewItems } from './items.ts';
import type { RequestState } from './state.ts';

/** A request of the Responses API, with what its answer is written by. */
export interface ResponsesRequest extends ClientRequest {
  readonly writer: ResponsesWriter;
  /** Its own items, as they are kept. */
  readonly input: readonly NewItem[];
  readonly isStream: boolean;
  /** It runs in the background of the gateway. */
  readonly isBackground: boolean;
  /** It runs to its end, with or without a reader. */
  readonly outlivesClient: boolean;
}

/** What an answer is, before it begins. */
export interface ResponseIdentity {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly ids: IdSources;
}

/** Puts a request together with what stands before it, in steps for a large one. @throws GatewayError 400 */
export function* readAsked(state: RequestState, identity: ResponseIdentity): Steps<ResponsesRequest> {
  const { body, conversation, isStored, compaction, remote } = state;
  // One that its provider keeps runs there.
  const isBackground = body.background === true && remote === null;
  const isStream = body.stream === true;
  const outlivesClient = isBackground || conversation !== null;
  const said = compaction?.body ?? body;
  const context = compaction === null ? state.context : [];
  const request = yield* readResponsesRequest(said, context, remote && { parent: remote.parent });
  const writer = new ResponsesWriter({
    id: identity.id,
    createdAt: Math.floor(identity.createdAt / 1000),
    echo: toEcho(body, {
      previousResponseId: body.previous_response_id ?? null,
      conversationId: conversation,
      isStored,
    }),
    model: body.model ?? '',
    provider: '',
    isStream,
    includes: new Set(body.include ?? []),
    showsObfuscation: body.stream_options?.include_obfuscation === true,
    toolNames: toolNamesOf(said, context),
    isRemote: remote !== null,
    newId: (prefix) => createId(prefix, identity.ids),
    now: identity.ids.now,
    seal: sealEnvelope,
  });
  const input = remote === null ? yield* toNewItems(body.input, identity.ids) : [];
  return {
    request: remote?.isBound ? { ...request, fallbacks: [] } : toAskedRequest(request, { outlivesClient }),
    createWriter: () => writer,
    writer,
    input,
    isStream,
    isBackground,
    outlivesClient,
  };
}

/** What runs by itself is streamed by the provider, so that its output can be looked at while it grows. */
export function toAskedRequest(
  request: ModelRequest,
  { outlivesClient }: Pick<ResponsesRequest, 'outlivesClient'>,
): ModelRequest {
  return outlivesClient ? { ...request, isStream: true } : request;
}
