import type { Known, Threads } from '../../conversations/threads.ts';
import type { ResponsesBody } from '../../languages/responses/client-check.ts';
import type { CompactedBody } from '../../languages/responses/client-compaction.ts';
import { itemsIn } from '../../languages/responses/client-input.ts';
import { referencesIn, unknownItem, withReferences } from '../../languages/responses/client-references.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, parseJson, recordsOf } from '../../protocol/json.ts';
import type { RemoteState } from '../../protocol/model-request.ts';
import type { PoolKey } from '../../upstream/key-pool.ts';
import type { Answers } from './answers.ts';
import { toShown } from './items.ts';
import { placeOfItem } from './remote-items.ts';

/** What stands before a request, and what becomes of its answer. */
export interface RequestState extends Omit<Known, 'items'> {
  /** The items before its own. */
  readonly context: readonly JsonRecord[];
  readonly conversation: string | null;
  /** Whether the answer is kept for later turns. */
  readonly isStored: boolean;
  /** The body with the items that it refers to. */
  readonly body: ResponsesBody;
  /** What the model is asked in place of context and body, where they are too long, but for the summary; null where they are not. */
  readonly compaction: CompactedBody | null;
  /** Set where the provider keeps what the answer stands on, and what becomes of it. */
  readonly remote: RemoteRequest | null;
}

/** What a request has to do with what its provider keeps. */
export interface RemoteRequest extends RemoteState {
  /** The one key that can go on; null where any can. */
  readonly key: PoolKey | null;
  /** Whether no other provider could answer in its place. */
  readonly isBound: boolean;
}

/** What stands before a request that follows nothing. */
export const NOTHING_KNOWN: Known = { items: '[]', place: { kind: 'new' }, count: 0, bytes: 0 };

/**
 * Finds what a request refers to.
 * @param threads null where nothing is kept
 * @throws GatewayError 400, 404 for what is not there, 503 where it cannot be looked for
 */
export async function resolveState(threads: Threads | null, owner: string, body: ResponsesBody): Promise<RequestState> {
  const conversation = conversationOf(body);
  const references = referencesIn(body);
  if (threads === null) return withoutStore(body, conversation, references);
  const known = await knownTo(threads, owner, body.previous_response_id ?? null, conversation);
  const isStored = conversation !== null || body.store !== false;
  const resolved = references.length === 0 ? body : await dereference(threads, owner, body, references);
  const { items, ...rest } = known;
  return {
    ...rest,
    context: recordsOf(parseJson(items)),
    conversation,
    isStored,
    body: resolved,
    compaction: null,
    remote: null,
  };
}

/**
 * A store that is away does not stop an answer that needs none of it: that one is not kept, and says so from its beginning.
 * @throws GatewayError 503 where the client wants it kept
 */
export async function keepable(state: RequestState, { threads, isReachable }: Answers): Promise<RequestState> {
  const { body, conversation, place, isStored, remote } = state;
  if (threads === null || !isStored) return state;
  if (body.store === true) await threads.ping();
  const follows = conversation !== null || place.kind !== 'new' || remote?.parent != null;
  if (body.store === true || body.background === true || follows || isReachable()) return state;
  return { ...state, isStored: false, body: remote === null ? body : { ...body, store: false } };
}

function knownTo(
  threads: Threads,
  owner: string,
  parent: string | null,
  conversation: string | null,
): Promise<Known> | Known {
  if (parent !== null) return threads.behindResponse(owner, parent);
  return conversation === null ? NOTHING_KNOWN : threads.behindConversation(owner, conversation);
}

async function dereference(
  threads: Threads,
  owner: string,
  body: ResponsesBody,
  references: readonly string[],
): Promise<ResponsesBody> {
  const found = await threads.findItems(owner, references);
  const here = found.filter((item) => placeOfItem(item) === null);
  const kept = new Map(here.map((item) => [item.id, toShown(item)]));
  for (const id of references) if (!kept.has(id)) throw unknownItem(id, body.store === false);
  return withReferences(body, kept);
}

/** Items for a conversation, with what they refer to in place of the references. @throws GatewayError 400, 503 */
export async function resolveItems(
  threads: Threads,
  owner: string,
  items: readonly JsonRecord[],
): Promise<readonly JsonRecord[]> {
  const body: ResponsesBody = { input: items };
  const references = referencesIn(body);
  return references.length === 0 ? items : itemsIn((await dereference(threads, owner, body, references)).input);
}

/** A server that keeps nothing: it says so, and refuses what needs state. */
function withoutStore(body: ResponsesBody, conversation: string | null, [reference]: readonly string[]): RequestState {
  if (reference !== undefined) throw unknownItem(reference, true);
  const needed = [
    ['previous_response_id', body.previous_response_id],
    ['conversation', conversation],
    ['background', body.background],
  ].find(([, value]) => value !== null && value !== undefined && value !== false);
  if (needed) {
    const param = String(needed[0]);
    const message = `'${param}' needs stored responses, which this gateway does not keep (responses.store: off). Send the whole conversation as 'input'.`;
    throw new GatewayError('unsupported_parameter', message, { param });
  }
  const { items: _, ...nothing } = NOTHING_KNOWN;
  return { ...nothing, context: [], conversation: null, isStored: false, body, compaction: null, remote: null };
}

function conversationOf({ conversation }: ResponsesBody): string | null {
  if (conversation == null) return null;
  return isRecord(conversation) ? conversation.id : conversation;
}
