import { type Signal, signal } from '@preact/signals';
import { ApiError } from '../feed/client.ts';
import {
  ask,
  createThread,
  endAnswer,
  listInput,
  listItems,
  listThreads,
  readResponse,
  takeUp,
} from '../feed/conversations.ts';
import { isOpen, NEW_TURN, nextTurn, type ResponseEvent, type Turn, type TurnEvent, textOf } from './turn.ts';

/** One thing that was said, by the reader or a model. */
export interface Said {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Of an answer of this visit: how it came about. */
  readonly turn: Turn | null;
}

/** A conversation as it stands on the page; it goes on while another page is looked at. */
export class Conversation {
  readonly id: string;
  readonly said: Signal<readonly Said[]> = signal([]);
  /** The answer that is coming; null while none is. */
  readonly turn: Signal<Turn | null> = signal(null);
  /** Why nothing is shown; null while all is well. */
  readonly problem: Signal<ApiError | null> = signal(null);
  readonly isLoaded = signal(false);
  #requestId = '';
  #reading = new AbortController();

  constructor(id: string) {
    this.id = id;
  }

  /** Reads what is stored, and follows what is being answered. */
  async load(): Promise<void> {
    this.problem.value = null;
    // An answer that was stopped has aborted the controller before.
    this.#reading = new AbortController();
    const { signal: abort } = this.#reading;
    try {
      const [items, threads] = await Promise.all([listItems(this.id, abort), listThreads(abort)]);
      this.said.value = items.flatMap(toSaid);
      const running = threads.find(({ id }) => id === this.id)?.running ?? null;
      if (running !== null) {
        const asked = await listInput(running, abort);
        this.said.value = [...this.said.value, ...asked.flatMap(toSaid)];
      }
      this.isLoaded.value = true;
      if (running !== null)
        void this.#follow(running, takeUp(running, -1, abort), { ...NEW_TURN, phase: 'waiting', id: running });
    } catch (error) {
      this.problem.value = toApiError(error);
    }
  }

  /** Asks. The answer runs to its end at the gateway, also when the page is closed. */
  send(input: string, model: string): void {
    this.isLoaded.value = true;
    this.problem.value = null;
    this.said.value = [...this.said.value, { role: 'user', text: input, turn: null }];
    this.#requestId = `console_${crypto.getRandomValues(new Uint32Array(4)).join('')}`;
    this.#reading = new AbortController();
    const question = { conversation: this.id, model, input, requestId: this.#requestId };
    void this.#follow(null, ask(question, this.#reading.signal), NEW_TURN);
  }

  /** Shows the end at once, frees the connection, then ends the call; what was said stays. */
  async stop(): Promise<void> {
    const { id } = this.turn.peek() ?? NEW_TURN;
    this.#apply({ type: 'stop' });
    this.#reading.abort();
    try {
      await endWhenKnown(this.#requestId === '' ? (id ?? '') : this.#requestId);
    } catch (error) {
      const { code, status, requestId, message } = toApiError(error);
      // An answer that was finished a moment before is taken up whole.
      if (code === 'request_completed' && id !== null) await this.#takeWhole(id);
      else if (code !== 'request_completed')
        this.problem.value = new ApiError(`The answer may still run: ${message}`, { code, status, requestId });
    }
    this.#finish();
  }

  async #takeWhole(id: string): Promise<void> {
    const response = await readResponse(id).catch(() => null);
    if (response !== null) this.#apply({ type: 'stored', response });
  }

  async #follow(id: string | null, events: AsyncGenerator<ResponseEvent>, begun: Turn): Promise<void> {
    this.turn.value = begun;
    const { signal: abort } = this.#reading;
    try {
      await this.#read(events);
    } catch (error) {
      if (abort.aborted) return;
      const known = this.turn.peek()?.id ?? id;
      if (known === null) this.#apply({ type: 'refused', message: toApiError(error).message });
      else await this.#recover(known, abort);
    }
    const { phase } = this.turn.peek() ?? NEW_TURN;
    // A stream that ends without its last event was cut.
    const known = this.turn.peek()?.id ?? null;
    if (!abort.aborted && known !== null && isOpen({ ...NEW_TURN, phase })) await this.#recover(known, abort);
    if (!abort.aborted) this.#finish();
  }

  /** Takes the stream up after its last event: after 1, 2 and 4 s; then what is stored counts. */
  async #recover(id: string, abort: AbortSignal): Promise<void> {
    for (let attempt = 0; !abort.aborted && isOpen(this.turn.peek() ?? NEW_TURN); attempt++) {
      this.#apply({ type: 'lost' });
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** Math.min(attempt, 2)));
      try {
        const after = this.turn.peek()?.lastEvent ?? -1;
        if (attempt < 3) await this.#read(takeUp(id, after, abort));
        else this.#apply({ type: 'stored', response: await readResponse(id) });
      } catch (error) {
        const { status, message } = toApiError(error);
        // What is gone stays gone; a gateway that is away may come back.
        if (status === 404) this.#apply({ type: 'refused', message });
      }
    }
  }

  /** At most one change of the page per frame. */
  async #read(events: AsyncGenerator<ResponseEvent>): Promise<void> {
    let pending: Turn | null = null;
    let frame = 0;
    const flush = (): void => {
      frame = 0;
      if (pending !== null) this.turn.value = pending;
      pending = null;
    };
    try {
      for await (const event of events) {
        pending = nextTurn(pending ?? this.turn.peek() ?? NEW_TURN, { type: 'event', event });
        if (document.hidden) flush();
        else if (frame === 0) frame = requestAnimationFrame(flush);
      }
    } finally {
      cancelAnimationFrame(frame);
      // Stopped meanwhile: what came later is not shown.
      if (this.turn.peek()?.phase !== 'stopped') flush();
    }
  }

  #apply(event: TurnEvent): void {
    this.turn.value = nextTurn(this.turn.peek() ?? NEW_TURN, event);
  }

  #finish(): void {
    const turn = this.turn.peek();
    if (turn === null || isOpen(turn)) return;
    this.said.value = [...this.said.peek(), { role: 'assistant', text: turn.text, turn }];
    this.turn.value = null;
    this.#requestId = '';
  }
}

/** A call that was sent a moment ago may not have come yet. */
const ARRIVAL_MS = 300;

async function endWhenKnown(requestId: string): Promise<void> {
  try {
    await endAnswer(requestId);
  } catch (error) {
    if (toApiError(error).code !== 'request_not_found') throw error;
    await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
    await endAnswer(requestId);
  }
}

const open = new Map<string, Conversation>();

/** A conversation by its id, read once per visit. */
export function conversationAt(id: string): Conversation {
  const known = open.get(id);
  if (known !== undefined) return known;
  const made = new Conversation(id);
  open.set(id, made);
  void made.load();
  return made;
}

/** Begins a conversation with its first question. @throws ApiError */
export async function beginConversation(input: string, model: string): Promise<Conversation> {
  const { id } = await createThread(input.trim().slice(0, 60));
  const made = new Conversation(id);
  open.set(id, made);
  made.send(input, model);
  return made;
}

function toSaid(item: Parameters<typeof textOf>[0]): readonly Said[] {
  if (item.type !== 'message' || (item.role !== 'user' && item.role !== 'assistant')) return [];
  return [{ role: item.role, text: textOf(item), turn: null }];
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // A connection that broke in mid-answer is no answer of the gateway.
  return new ApiError('The connection broke off.', { status: 0, code: null, requestId: null });
}
