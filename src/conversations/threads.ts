import { textOf } from '../database/operation.ts';
import { GatewayError } from '../protocol/errors.ts';
import { toAsked } from './asked.ts';
import type { ConversationQuery, NewConversation } from './conversations.ts';
import type { KeptEvent } from './events.ts';
import { parentIn, remoteParentIn } from './parents.ts';
import type {
  Context,
  KeptItem,
  KeptResponse,
  KeptThread,
  KeptTurn,
  NewItem,
  NewResponse,
  PageRequest,
  RemotePlace,
  TurnPlace,
} from './records.ts';
import type { SaidBy } from './said-by.ts';
import type { ThreadStore } from './store.ts';
import { badCursor, locked, missingParent, notFound } from './thread-errors.ts';
import { refuseLargeItems, refuseLargeThread, type Size, type ThreadLimits } from './thread-limits.ts';
import { queryTermsOf } from './word-search.ts';

/** What stands before the next turn, and where that goes. */
export interface Known extends Size {
  /** As one JSON list, the oldest first. */
  readonly items: string;
  readonly place: TurnPlace;
}

/** A response as it is kept, with its output. */
export interface FoundResponse {
  readonly response: KeptResponse;
  readonly output: readonly KeptItem[];
}

/** More than any conversation has, whatever the setting. */
const MAX_ITEMS = 2 ** 31;

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

  /** Null where there is none. */
  find(owner: string, id: string): Promise<FoundResponse | null> {
    return this.#ask((store) => store.find(owner, id, Math.round(this.#now())));
  }

  /** @throws GatewayError 404 */
  async response(owner: string, id: string): Promise<FoundResponse> {
    return (await this.find(owner, id)) ?? notFound('Response', id);
  }

  /** What a child of a response knows. @throws GatewayError 400 `previous_response_not_found` */
  async behindResponse(owner: string, id: string): Promise<Known> {
    const { response, thread, turn } = parentIn(await this.find(owner, id), id);
    const context = await this.#ask((store) => store.contextOf(response, true));
    return { ...this.#checked(context), place: { kind: 'child', thread, turn } };
  }

  /** Where a parent is that this provider keeps. @throws GatewayError 400 `previous_response_not_found` */
  async remoteParent(owner: string, id: string, provider: string): Promise<RemotePlace> {
    return remoteParentIn(await this.find(owner, id), id, provider);
  }

  /** What the next answer of a conversation knows. @throws GatewayError 404, 400 `conversation_locked` */
  async behindConversation(owner: string, id: string): Promise<Known> {
    const { running, nextTurn } = await this.conversation(owner, id);
    if (running !== null) throw locked();
    const context = await this.#ask((store) => store.contextUpTo(owner, id, nextTurn - 1));
    return { ...this.#checked(context), place: { kind: 'conversation', thread: id, turn: nextTurn } };
  }

  /** All that a response was asked, with what stood before, as a JSON list. @throws GatewayError 404, 400 */
  async inputOf(owner: string, id: string): Promise<string> {
    const { response } = await this.response(owner, id);
    return this.#checked(await this.#ask((store) => store.contextOf(response, false))).items;
  }

  findItems(owner: string, ids: readonly string[]): Promise<readonly KeptItem[]> {
    return this.#ask((store) => store.findItems(owner, ids));
  }

  /** Puts a response down before it runs, with what it was asked. @throws GatewayError 404, 400 `conversation_locked` */
  async begin(response: NewResponse, place: TurnPlace, input: readonly NewItem[]): Promise<void> {
    const [conversation, nextTurn] = place.kind === 'conversation' ? [place.thread, place.turn] : [null, null];
    const asked = toAsked(input, place);
    const begun = await this.#ask((store) => store.begin(response, conversation, nextTurn, asked));
    if (begun === 'missing') notFound('Conversation', conversation ?? '');
    if (begun === 'locked') throw locked();
  }

  /**
   * Where the conversation or the parent was erased meanwhile, the response stands for itself.
   * @throws GatewayError where the response was cancelled
   */
  async commit(turn: KeptTurn): Promise<void> {
    const done = await this.#ask((store) => store.commit(turn));
    if (done === 'ended') throw new GatewayError('request_cancelled', 'The response was cancelled.');
  }

  /** Ends a response that joins no thread; false where it had ended before. @param asked of one that did not begin here */
  settle(
    response: NewResponse,
    completedAt: number,
    output: string,
    asked: { readonly input: readonly NewItem[]; readonly place: TurnPlace } | null = null,
  ): Promise<boolean> {
    const kept = asked && toAsked(asked.input, asked.place);
    return this.#ask((store) => store.settle(response, completedAt, output, kept));
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

  lastEvent(owner: string, id: string): Promise<KeptEvent | null> {
    return this.#ask((store) => store.lastEvent(owner, id));
  }

  /** @throws GatewayError 404 */
  async conversation(owner: string, id: string): Promise<KeptThread> {
    const found = await this.#ask((store) => store.conversation(owner, id, this.#now()));
    const isExpired = found !== null && found.running === null && found.updatedAt < (this.#since() ?? 0);
    return found === null || isExpired ? notFound('Conversation', id) : found;
  }

  /** @throws GatewayError 400 `thread_too_large` */
  async createConversation(conversation: NewConversation, items: readonly NewItem[]): Promise<void> {
    this.checkSize(items, { bytes: 0, count: 0 }, 'items');
    return this.#ask((store) => store.createConversation(conversation, items));
  }

  /** @throws GatewayError 404 */
  async updateConversation(changed: NewConversation): Promise<KeptThread> {
    await this.conversation(changed.owner, changed.id);
    return (await this.#ask((store) => store.updateConversation(changed))) ?? notFound('Conversation', changed.id);
  }

  /** @throws GatewayError 404 */
  async removeConversation(owner: string, id: string): Promise<void> {
    await this.conversation(owner, id);
    if (!(await this.#ask((store) => store.removeConversation(owner, id)))) notFound('Conversation', id);
  }

  /** @param words all of which have to be found. @throws GatewayError 400 for an `after` that is not in the list */
  async listConversations(owner: string, words: string, query: Omit<ConversationQuery, 'terms' | 'at' | 'since'>) {
    const asked = { ...query, terms: queryTermsOf(words), since: this.#since(), at: Math.round(this.#now()) };
    return (await this.#ask((store) => store.listConversations(owner, asked))) ?? badCursor(query.after);
  }

  /** @throws GatewayError 404, 400 `conversation_locked`, 400 `thread_too_large` */
  async addItems(owner: string, id: string, items: readonly NewItem[]): Promise<void> {
    const { bytes, items: count } = await this.conversation(owner, id);
    this.checkSize(items, { bytes, count }, 'items');
    const done = await this.#ask((store) => store.addItems(owner, id, items, Math.round(this.#now())));
    if (done === 'missing') notFound('Conversation', id);
    if (done === 'locked') throw locked();
  }

  /** @throws GatewayError 404, 400 for an `after` that is not in the list */
  async itemsOf(owner: string, id: string, page: PageRequest) {
    await this.conversation(owner, id);
    return (await this.#ask((store) => store.pageOfItems(owner, id, page))) ?? badCursor(page.after);
  }

  /** Which responses said these items or were asked them, as far as they are kept. */
  saidBy(owner: string, items: readonly string[]): Promise<readonly SaidBy[]> {
    return this.#ask((store) => store.saidBy(owner, items));
  }

  /** Every item of a conversation, the oldest first. @throws GatewayError 404 */
  async allItems(owner: string, id: string): Promise<readonly KeptItem[]> {
    await this.conversation(owner, id);
    const page: PageRequest = { limit: MAX_ITEMS, order: 'asc', after: null };
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
    if (!(await this.#ask((store) => store.removeItem(owner, id, item, Math.round(this.#now())))))
      notFound('Item', item);
    return this.conversation(owner, id);
  }

  /** @throws GatewayError 404 for the conversation, or for the item in it */
  async fork(from: string, afterItem: string, fork: NewConversation): Promise<KeptThread> {
    await this.conversation(fork.owner, from);
    return (await this.#ask((store) => store.forkConversation(from, afterItem, fork))) ?? notFound('Item', afterItem);
  }

  /** Refuses an item that is too large, or too much together with what stands before. @throws GatewayError 400 `thread_too_large` */
  checkSize(items: readonly NewItem[], behind: Size, param: 'input' | 'items'): void {
    refuseLargeItems(items, behind, param, this.#limits());
  }

  /** @throws GatewayError 503 where nothing can be kept just now */
  ping(): Promise<void> {
    return this.#ask((store) => store.ping());
  }

  /** What was not active since then has expired; null where nothing does. */
  #since(): number | null {
    const { conversationKeepMs } = this.#limits();
    return conversationKeepMs === null ? null : Math.round(this.#now() - conversationKeepMs);
  }

  #checked({ items, count, bytes, missing }: Context): Omit<Known, 'place'> {
    if (missing !== null) throw missingParent(missing);
    refuseLargeThread({ bytes, count }, 'input', this.#limits());
    return { items: textOf(items), count, bytes };
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
