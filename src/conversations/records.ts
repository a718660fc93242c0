/** `queued` and `in_progress` move to one of the others, once. */
export type KeptStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** An item as it is kept: its JSON, and in an envelope what only its maker reads, which no client is shown. */
export interface KeptItem {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly state: string | null;
}

/** A new item, with the words by which a conversation is found. */
export interface NewItem extends KeptItem {
  readonly words: string;
}

/** Where a response is that its provider keeps. */
export interface RemotePlace {
  /** The provider's name in the configuration. */
  readonly provider: string;
  /** Tells which of its keys made it, to whose account it belongs; null where it has none. */
  readonly key: string | null;
  /** The provider's own id. */
  readonly id: string;
}

/** A response as it is kept. Times in milliseconds since the epoch. */
export interface KeptResponse {
  readonly id: string;
  readonly owner: string;
  /** Name of the client's key. */
  readonly key: string;
  /** Null until it joined a thread, and for ever where it failed. */
  readonly thread: string | null;
  readonly turn: number | null;
  readonly status: KeptStatus;
  readonly isBackground: boolean;
  readonly isStreamed: boolean;
  readonly createdAt: number;
  readonly completedAt: number | null;
  readonly expiresAt: number | null;
  /** The response object without its output, as JSON. */
  readonly body: string;
  /** Its output as a JSON list, where it has no items: it joined no thread, or its conversation was erased. */
  readonly output: string | null;
  /** Null for one that is kept here: of another one, the row has its names alone. */
  readonly remote: RemotePlace | null;
}

/** What a response is when it begins: kept at once where it outlives its client. */
export interface NewResponse extends Omit<KeptResponse, 'thread' | 'turn' | 'output' | 'completedAt'> {
  readonly worker: string | null;
  readonly leaseUntil: number | null;
}

/** Where the turn of a response goes. */
export type TurnPlace =
  | { readonly kind: 'new' }
  | { readonly kind: 'child'; readonly thread: string; readonly turn: number }
  /** `turn` is the next one as far as the answer knows: it may stand behind none that it has not seen. */
  | { readonly kind: 'conversation'; readonly thread: string; readonly turn: number };

/** A finished response, with the turn that it makes. */
export interface KeptTurn {
  readonly response: NewResponse;
  readonly completedAt: number;
  readonly place: TurnPlace;
  /** The id of a thread, should a new one be needed. */
  readonly newThread: string;
  readonly input: readonly NewItem[];
  readonly output: readonly NewItem[];
}

/** A conversation, or a chain of responses. */
export interface KeptThread {
  readonly id: string;
  readonly metadata: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The response in progress, where there is one. */
  readonly running: string | null;
  readonly bytes: number;
  readonly items: number;
  /** The number that its next turn gets. */
  readonly nextTurn: number;
}

/** One page of a list. */
export interface PageRequest {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The id of the entry before the first one. */
  readonly after: string | null;
}

/** What is known of a thread up to one of its turns. */
export interface Context {
  /** Its items, the oldest first, as one JSON list, which is parsed at once; UTF-8 where it comes from a thread. */
  readonly items: string | Uint8Array;
  readonly count: number;
  readonly bytes: number;
  /** The id of a response that was deleted and on which the rest stands; null where all is there. */
  readonly missing: string | null;
}
