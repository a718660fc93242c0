import { GatewayError } from '../protocol/errors.ts';
import type { ConversationQuery, NewConversation } from './conversations.ts';
import type { KeptEvent } from './events.ts';
import type {
  Context,
  KeptItem,
  KeptResponse,
  KeptThread,
  KeptTurn,
  NewItem,
  NewResponse,
  PageRequest,
  TurnPlace,
} from './records.ts';
import type { ThreadStore } from './store.ts';
import { termsOf } from './word-search.ts';

/** How large what stands behind one answer may be. */
export interface ThreadLimits {
  readonly maxThreadBytes: number;
  readonly maxItems: number;
}

/** What stands before the next turn, and where that goes. */
export interface Known {
  /** As one JSON list, the oldest first. */
  readonly items: string;
  readonly place: TurnPlace;
}

/** A response as it is kept, with its output. */
export interface FoundResponse {
  readonly response: KeptResponse;
  readonly output: readonly KeptItem[];
}

/** Beyond every turn that a conversation has. */
const LAST_TURN = 2 ** 31;

/** Stored answers and conversations, with the errors that a client is told: foreign and unknown are one. */
export class Threads {
  readonly #store: ThreadStore;
  readonly #limits: () => ThreadLimits;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(store: ThreadStore, limits: () => ThreadLimits, now: () => number) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws GatewayError 404 */
  async response(owner: string, id: string): Promise<FoundResponse> {
    return (await this.#ask((store) => store.find(owner, id))) ?? notFound('Response', id);
  }

  /** What a child of a response knows. @throws GatewayError 400 `previous_response_not_found` */
  async behindResponse(owner: string, id: string): Promise<Known> {
    const found = await this.#ask((store) => store.find(owner, id));
    if (found === null) throw noParent(`Previous response with id '${shown(id)}' not found.`);
    const { thread, turn, status } = found.response;
    if (thread === null || turn === null) {
      throw noParent(
        `Previous response with id '${shown(id)}' is '${status}': only one that was answered can be followed.`,
      );
    }
    const context = await this.#ask((store) => store.contextOf(found.response, true));
    return { items: this.#checked(context), place: { kind: 'child', thread, turn } };
  }

  /** What the next answer of a conversation knows. @throws GatewayError 404, 400 `conversation_locked` */
  async behindConversation(owner: string, id: string): Promise<Known> {
    const { running } = await this.conversation(owner, id);
    if (running !== null) throw locked();
    const context = await this.#ask((store) => store.contextUpTo(owner, id, LAST_TURN));
    return { items: this.#checked(context), place: { kind: 'conversation', thread: id } };
  }

  /** All that a response was asked, with what stood before, as a JSON list. @throws GatewayError 404, 400 */
  async inputOf(owner: string, id: string): Promise<string> {
    const { response } = await this.response(owner, id);
    return this.#checked(await this.#ask((store) => store.contextOf(response, false)));
  }

  findItems(owner: string, ids: readonly string[]): Promise<readonly KeptItem[]> {
    return this.#ask((store) => store.findItems(owner, ids));
  }

  /** Puts a response down before it runs. @throws GatewayError 404, 400 `conversation_locked` */
  async begin(response: NewResponse, conversation: string | null): Promise<void> {
    const begun = await this.#ask((store) => store.begin(response, conversation));
    if (begun === 'missing') notFound('Conversation', conversation ?? '');
    if (begun === 'locked') throw locked();
  }

  /** @throws GatewayError where the turn has nowhere to go, or the response was cancelled */
  async commit(turn: KeptTurn): Promise<void> {
    const done = await this.#ask((store) => store.commit(turn));
    if (done === 'ended') throw new GatewayError('request_cancelled', 'The response was cancelled.');
    if (done === 'committed') return;
    if (turn.place.kind === 'conversation') notFound('Conversation', turn.place.thread);
    throw noParent('The previous response was deleted while this one was answered.');
  }

  /** Ends a response that joins no thread; false where it had ended before. */
  settle(response: NewResponse, completedAt: number, output: string): Promise<boolean> {
    return this.#ask((store) => store.settle(response, completedAt, output));
  }

  /** @throws GatewayError 404 */
  async remove(owner: string, id: string): Promise<void> {
    if (!(await this.#ask((store) => store.remove(owner, id)))) notFound('Response', id);
  }

  appendEvents(owner: string, id: string, events: readonly KeptEvent[], expiresAt: number): Promise<void> {
    return this.#ask((store) => store.appendEvents(owner, id, events, expiresAt));
  }

  eventsAfter(owner: string, id: string, seq: number, limit: number): Promise<readonly KeptEvent[]> {
    return this.#ask((store) => store.eventsAfter(owner, id, seq, limit));
  }

  /** @throws GatewayError 404 */
  async conversation(owner: string, id: string): Promise<KeptThread> {
    return (await this.#ask((store) => store.conversation(owner, id, this.#now()))) ?? notFound('Conversation', id);
  }

  createConversation(conversation: NewConversation, items: readonly NewItem[]): Promise<void> {
    return this.#ask((store) => store.createConversation(conversation, items));
  }

  /** @throws GatewayError 404 */
  async updateConversation(changed: NewConversation): Promise<KeptThread> {
    return (await this.#ask((store) => store.updateConversation(changed))) ?? notFound('Conversation', changed.id);
  }

  /** @throws GatewayError 404 */
  async removeConversation(owner: string, id: string): Promise<void> {
    if (!(await this.#ask((store) => store.removeConversation(owner, id)))) notFound('Conversation', id);
  }

  /** @param words all of which have to be found. @throws GatewayError 400 for an `after` that is not in the list */
  async listConversations(owner: string, words: string, query: Omit<ConversationQuery, 'terms' | 'at'>) {
    const asked = { ...query, terms: termsOf(words), at: Math.round(this.#now()) };
    return (await this.#ask((store) => store.listConversations(owner, asked))) ?? badCursor(query.after);
  }

  /** @throws GatewayError 404, 400 `conversation_locked`, 400 `thread_too_large` */
  async addItems(owner: string, id: string, items: readonly NewItem[]): Promise<void> {
    const { bytes, items: count } = await this.conversation(owner, id);
    this.#refuseTooLarge(bytes, count + items.length);
    const done = await this.#ask((store) => store.addItems(owner, id, items, this.#now()));
    if (done === 'missing') notFound('Conversation', id);
    if (done === 'locked') throw locked();
  }

  /** @throws GatewayError 404, 400 for an `after` that is not in the list */
  async itemsOf(owner: string, id: string, page: PageRequest) {
    await this.conversation(owner, id);
    return (await this.#ask((store) => store.pageOfItems(owner, id, page))) ?? badCursor(page.after);
  }

  /** Every item of a conversation, the oldest first. @throws GatewayError 404 */
  async allItems(owner: string, id: string): Promise<readonly KeptItem[]> {
    await this.conversation(owner, id);
    const page: PageRequest = { limit: this.#limits().maxItems, order: 'asc', after: null };
    return (await this.#ask((store) => store.pageOfItems(owner, id, page)))?.items ?? [];
  }

  /** @throws GatewayError 404 */
  async item(owner: string, id: string, item: string): Promise<KeptItem> {
    await this.conversation(owner, id);
    return (await this.#ask((store) => store.conversationItem(owner, id, item))) ?? notFound('Item', item);
  }

  /** @throws GatewayError 404 */
  async removeItem(owner: string, id: string, item: string): Promise<KeptThread> {
    await this.conversation(owner, id);
    if (!(await this.#ask((store) => store.removeItem(owner, id, item, this.#now())))) notFound('Item', item);
    return this.conversation(owner, id);
  }

  /** @throws GatewayError 404 for the conversation, or for the item in it */
  async fork(from: string, afterItem: string, fork: NewConversation): Promise<KeptThread> {
    await this.conversation(fork.owner, from);
    return (await this.#ask((store) => store.forkConversation(from, afterItem, fork))) ?? notFound('Item', afterItem);
  }

  #checked({ items, count, bytes, missing }: Context): string {
    if (missing !== null) throw noParent(`Previous response with id '${shown(missing)}' not found.`);
    this.#refuseTooLarge(bytes, count);
    return items;
  }

  #refuseTooLarge(bytes: number, items: number): void {
    const { maxThreadBytes, maxItems } = this.#limits();
    if (bytes <= maxThreadBytes && items <= maxItems) return;
    const found = `it has ${items} items and ${bytes} bytes, and may have ${maxItems} and ${maxThreadBytes}`;
    const advice = "Begin a new one; 'context_management' keeps a long one short.";
    throw new GatewayError('thread_too_large', `The conversation is too large: ${found}. ${advice}`, {
      param: 'input',
    });
  }

  async #ask<Result>(work: (store: ThreadStore) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#store);
    } catch (error) {
      const message = 'Stored responses and conversations cannot be reached just now. Try again in a moment.';
      throw new GatewayError('store_unavailable', message, { cause: error });
    }
  }
}

/** A conversation has one writer at a time. */
function locked(): GatewayError {
  const message = 'Another process is currently operating on this conversation. Please retry in a few seconds.';
  return new GatewayError('conversation_locked', message, { param: 'conversation', retryAfterMs: 1000 });
}

function noParent(message: string): GatewayError {
  return new GatewayError('previous_response_not_found', message, { param: 'previous_response_id' });
}

function notFound(what: 'Response' | 'Conversation' | 'Item', id: string): never {
  throw new GatewayError('not_found', `${what} with id '${shown(id)}' not found.`, { bodyCode: null });
}

function badCursor(after: string | null): never {
  const message = `Invalid 'after': '${shown(after ?? '')}' is not in this list. Send the last_id of the page before.`;
  throw new GatewayError('invalid_value', message, { param: 'after' });
}

/** Clients write ids: an error repeats so much of one. */
function shown(id: string): string {
  return id.slice(0, 100);
}
