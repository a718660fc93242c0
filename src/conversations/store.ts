import { type Operation, rowsOf, type StoreOf } from '../database/operation.ts';
import { contextUpTo, findItems, pageOfItems } from './context.ts';
import {
  addItems,
  conversation,
  conversationItem,
  createConversation,
  forkConversation,
  listConversations,
  removeConversation,
  removeItem,
  updateConversation,
} from './conversations.ts';
import { appendEvents, eventsAfter, lastEvent } from './events.ts';
import { noteProgress } from './progress.ts';
import { purge } from './purge.ts';
import { abandoned, begin, contextOf, find, remove, renew, settle } from './responses.ts';
import { saidBy } from './said-by.ts';
import { commit } from './turns.ts';
import type { WordSearch } from './word-search.ts';

/** What changes the tables, each in one transaction; and what upkeep asks, so that it needs no second connection. */
export function createWrites() {
  return {
    abandoned,
    addItems,
    appendEvents,
    begin,
    commit,
    createConversation,
    forkConversation,
    noteProgress,
    purge,
    remove,
    removeConversation,
    removeItem,
    renew,
    settle,
    updateConversation,
  };
}

/** What reads them; it may take long, and holds up nothing that writes. */
export function createReads(search: WordSearch) {
  return {
    contextOf,
    contextUpTo,
    conversation,
    conversationItem,
    eventsAfter,
    find,
    findItems,
    lastEvent,
    listConversations: (...values: Tail<Parameters<typeof listConversations>>) => listConversations(search, ...values),
    pageOfItems,
    ping,
    saidBy,
  };
}

/** Nothing, where the tables can be reached. */
function* ping(): Operation<void> {
  yield* rowsOf('SELECT 1 AS one');
}

type Tail<Values extends readonly unknown[]> = Values extends readonly [unknown, ...infer Rest] ? Rest : never;

/**
 * Threads of responses, and conversations: what is kept of them. Each method is an operation of this room, run by whichever
 * engine there is; every one but those for upkeep (`renew`, `abandoned`, `purge`) is given the owner.
 */
export type ThreadStore = StoreOf<ReturnType<typeof createWrites> & ReturnType<typeof createReads>>;
