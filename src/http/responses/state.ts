import type { Known, Threads } from '../../conversations/threads.ts';
import type { ResponsesBody } from '../../languages/responses/client-check.ts';
import type { CompactedBody } from '../../languages/responses/client-compaction.ts';
import { referencesIn, unknownItem, withReferences } from '../../languages/responses/client-references.ts';
import type { Usage } from '../../protocol/delta.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, parseJson, recordsOf } from '../../protocol/json.ts';
import { toShown } from './items.ts';

/** What stands before a request, and what becomes of its answer. */
export interface RequestState extends Omit<Known, 'items'> {
  /** The items before its own. */
  readonly context: readonly JsonRecord[];
  readonly conversation: string | null;
  /** Whether the answer is kept for later turns. */
  readonly isStored: boolean;
  /** The body with the items that it refers to. */
  readonly body: ResponsesBody;
  /** What the model is asked in place of context and body, where they were summed up; null where they were not. */
  readonly compaction: (CompactedBody & { readonly usage: Usage }) | null;
}

const NOTHING: Known = { items: '[]', place: { kind: 'new' } };

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
  return {
    context: recordsOf(parseJson(known.items)),
    place: known.place,
    conversation,
    isStored,
    body: resolved,
    compaction: null,
  };
}

function knownTo(
  threads: Threads,
  owner: string,
  parent: string | null,
  conversation: string | null,
): Promise<Known> | Known {
  if (parent !== null) return threads.behindResponse(owner, parent);
  return conversation === null ? NOTHING : threads.behindConversation(owner, conversation);
}

async function dereference(
  threads: Threads,
  owner: string,
  body: ResponsesBody,
  references: readonly string[],
): Promise<ResponsesBody> {
  const found = await threads.findItems(owner, references);
  const kept = new Map(found.map((item) => [item.id, toShown(item)]));
  for (const id of references) if (!kept.has(id)) throw unknownItem(id, body.store === false);
  return withReferences(body, kept);
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
  return { context: [], place: NOTHING.place, conversation: null, isStored: false, body, compaction: null };
}

function conversationOf({ conversation }: ResponsesBody): string | null {
  if (!conversation) return null;
  return isRecord(conversation) ? conversation.id : conversation;
}
