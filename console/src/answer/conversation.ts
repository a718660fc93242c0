import { computed, type Signal, signal } from '@preact/signals';
import { ApiError, toApiError } from '../feed/client.ts';
import { listItems, readResponse } from '../feed/conversations.ts';
import { endCall, newCallId } from '../feed/own-calls.ts';
import { isWaiting } from '../feed/readiness.ts';
import type { ListedThread, Thread } from '../feed/threads.ts';
import { whenIdle } from '../parts/idle.ts';
import type * as Follow from './follow.ts';
import { forgetKept, keepUntilTaken, keptUnsaid, notTaken } from './kept-question.ts';
import { NO_PARTS } from './parts.ts';
import { type Question, toInput } from './question.ts';
import { type Said, START, toAnswer, withOlder, withStored } from './said.ts';
import { SeenListing } from './seen-listing.ts';
import { type ChatSettings, toFields } from './settings.ts';
import { readConversation } from './stored-conversation.ts';
import { saidIn } from './stored-said.ts';
import { isOpen, NEW_TURN, nextTurn, type Turn, type TurnEvent } from './turn.ts';

/** What is asked, of which model, and how. */
export interface Asked {
  readonly question: Question;
  readonly model: string;
  readonly settings: ChatSettings;
}

/** A question that the gateway did not take, and why. */
export interface Unsent {
  readonly asked: Asked;
  readonly error: ApiError;
  /** It was answered in part, which is not kept. */
  readonly isAnswered?: boolean;
}

/** What reads streams is no part of the first view; it is there when the gateway is away. */
const loadFollow = () => import('./follow.ts');
whenIdle(() => void loadFollow().catch(() => {}));

/** A conversation as it stands on the page; it goes on while another page is looked at. */
export class Conversation {
  readonly id: string;
  /** What it is called and where it comes from; null until it is known. */
  readonly thread: Signal<Thread | null> = signal(null);
  /** The conversations that hold other versions of it, and it itself. */
  readonly family: Signal<readonly Thread[]> = signal([]);
  readonly said: Signal<readonly Said[]> = signal([]);
  /** Whether something was said before what is shown. */
  readonly hasOlder = signal(false);
  /** The answer that is coming; null while none is. */
  readonly turn: Signal<Turn | null> = signal(null);
  /** Changes when an answer begins and ends, and not with each of its words. */
  readonly isAnswering = computed(() => this.turn.value !== null);
  /** The last question, where it could not be sent; else null. */
  readonly unsent: Signal<Unsent | null> = signal(null);
  /** Why nothing is shown; null while all is well. */
  readonly problem: Signal<ApiError | null> = signal(null);
  readonly isLoaded = signal(false);
  /** Id of the last item that is stored, {@link START}, or null while it is not known. */
  #last: string | null = START;
  #requestId = '';
  /** What is being answered; null where it was asked before the page was loaded. */
  #asked: Asked | null = null;
  readonly #seen = new SeenListing();
  #answers = 0;
  #reading = new AbortController();
  readonly #now: () => number;

  /** @param now milliseconds by a clock that goes evenly */
  constructor(id: string, now = () => performance.now()) {
    this.id = id;
    this.#now = now;
  }

  /** Key of the answer that is coming, or comes next. */
  get answerKey(): string {
    return `answer-${this.#answers}`;
  }

  /** Reads what is stored, and follows what is being answered. */
  async load(): Promise<void> {
    this.problem.value = null;
    // An answer that was stopped has aborted the controller before.
    this.#reading = new AbortController();
    const { signal: abort } = this.#reading;
    try {
      const { thread, family, said, hasOlder, last, running } = await readConversation(this.id, abort);
      // Something was sent, or it is read once more.
      if (abort !== this.#reading.signal) return;
      this.#last = last;
      this.begin(thread, family, said, hasOlder);
      this.#bringBack();
      if (running === null) return;
      const begun: Turn = { ...NEW_TURN, phase: 'waiting', id: running };
      void this.#follow(({ takenUp }) => takenUp(running, -1, abort), begun, null);
    } catch (error) {
      if (abort === this.#reading.signal) this.problem.value = toApiError(error);
    }
  }

  /** Reads what was said elsewhere: in another tab, or on another machine. @param listed as it stands in the list now */
  async catchUp(listed: ListedThread): Promise<void> {
    if (!this.isLoaded.peek() || this.turn.peek() !== null) return;
    if (this.#last === null) return this.#settle();
    if (!this.#seen.isNews(listed)) return;
    const page = listed.running === null ? await listItems(this.id, null, undefined, 1).catch(() => null) : null;
    const isKnown = page !== null && (page.items.at(-1)?.id ?? START) === this.#last;
    if (!isKnown && this.turn.peek() === null) await this.load();
  }

  /** What was sent by a page that was left before the gateway had it. */
  #bringBack(): void {
    const asked = keptUnsaid(this.id, this.said.peek());
    if (asked === null) {
      forgetKept(this.id);
      this.unsent.value = null;
    } else this.unsent.value ??= { asked, error: notTaken('the page was left before the gateway had it.') };
  }

  /** Shows what is known of it. */
  begin(thread: Thread, family: readonly Thread[], said: readonly Said[], hasOlder: boolean): void {
    this.thread.value = thread;
    this.family.value = family;
    this.said.value = said;
    this.hasOlder.value = hasOlder;
    this.isLoaded.value = true;
  }

  /** Reads the page before what is shown. @param beforeShown is called when it is read, before it is shown @throws ApiError */
  async loadOlder(beforeShown: () => void): Promise<void> {
    const first = firstId(this.said.peek());
    if (first === null) return;
    const page = await listItems(this.id, first);
    // It was read a second time meanwhile.
    if (firstId(this.said.peek()) !== first) return;
    beforeShown();
    this.hasOlder.value = page.hasOlder;
    this.said.value = withOlder(saidIn(page, this.thread.peek()), this.said.peek(), page.items.at(-1)?.id ?? START);
  }

  /** Asks. The answer runs to its end at the gateway, also when the page is closed. @param before id of the item that the question follows, where it is not the last one */
  send(asked: Asked, before = this.#last): void {
    const { question, model, settings } = asked;
    this.problem.value = null;
    this.unsent.value = null;
    this.#requestId = newCallId();
    keepUntilTaken(this.id, asked);
    const said: Said = { ...question, key: this.#requestId, id: null, before, role: 'user', ...NO_PARTS, turn: null };
    this.said.value = [...this.said.value, said];
    this.#reading = new AbortController();
    const { signal: abort } = this.#reading;
    const request = {
      ...{ conversation: this.id, model, input: toInput(question), fields: toFields(settings) },
      ...{ requestId: this.#requestId, keepsPartial: settings.keepsPartial },
    };
    const begin: Beginning = ({ streamed, looked, whenTaken }) =>
      whenTaken((settings.isStreamed ? streamed : looked)(request, abort), () => forgetKept(this.id));
    void this.#follow(begin, NEW_TURN, asked);
  }

  /** Shows the end at once, frees the connection, then ends the call; what was said stays. */
  async stop(): Promise<void> {
    const turn = this.turn.peek();
    if (turn === null || !isOpen(turn)) return;
    const { id } = turn;
    const clickedAt = this.#now();
    this.#apply({ type: 'stop' });
    this.#reading.abort();
    const refusal = await endCall(this.#requestId || (id ?? '')).then(() => null, toApiError);
    if (refusal === null) this.#apply({ type: 'ended', tookMs: this.#now() - clickedAt });
    else {
      const { code, status, requestId, message } = refusal;
      const isUnknown = code === 'request_not_found' || isWaiting();
      if (isUnknown && id === null && this.#asked !== null)
        return this.#takeBack({ asked: this.#asked, error: notTaken('it was stopped before the gateway had it.') });
      // An answer that was finished a moment before is taken up whole.
      if (code === 'request_completed' && id !== null) await this.#takeWhole(id);
      else if (code !== 'request_completed')
        this.problem.value = new ApiError(`The answer may still run: ${message}`, { code, status, requestId });
    }
    forgetKept(this.id);
    this.#finish();
  }

  async #takeWhole(id: string): Promise<void> {
    const response = await readResponse(id).catch(() => null);
    if (response !== null) this.#apply({ type: 'stored', response });
  }

  async #follow(begin: Beginning, begun: Turn, asked: Asked | null): Promise<void> {
    this.turn.value = begun;
    this.#asked = asked;
    const { signal: abort } = this.#reading;
    const refusal = await loadFollow().then((way) => way.follow(this.turn, begin(way), abort), toApiError);
    if (abort.aborted) return;
    if (refusal !== null && asked !== null) this.#takeBack({ asked, error: refusal });
    else if (refusal === null) this.#finish();
    else {
      this.turn.value = null;
      this.problem.value = refusal;
    }
  }

  #takeBack(unsent: Unsent): void {
    this.said.value = this.said.peek().slice(0, -1);
    this.turn.value = null;
    this.unsent.value = unsent;
    this.#requestId = '';
  }

  #apply(event: TurnEvent): void {
    this.turn.value = nextTurn(this.turn.peek() ?? NEW_TURN, event);
  }

  #finish(): void {
    const turn = this.turn.peek();
    if (turn === null || isOpen(turn)) return;
    const asked = this.#asked;
    const isLost = turn.phase !== 'done' && asked?.settings.keepsPartial === false && this.problem.peek() === null;
    if (isLost) {
      this.#takeBack({ asked, error: notTaken(turn.problem ?? 'the answer was stopped.'), isAnswered: true });
      return;
    }
    const answer = toAnswer(turn, this.answerKey);
    this.#answers++;
    this.said.value = [...this.said.peek(), answer];
    this.turn.value = null;
    this.#requestId = '';
    this.#last = null;
    void this.#settle();
  }

  /** What was said in this visit gets the ids under which it is stored: versions and branches begin there. */
  async #settle(): Promise<void> {
    const page = await listItems(this.id, null, undefined, A_TURN).catch(() => null);
    if (page === null || this.turn.peek() !== null) return;
    this.#last = page.items.at(-1)?.id ?? START;
    this.said.value = withStored(this.said.peek(), saidIn(page, this.thread.peek()));
  }
}

/** Makes the events of an answer, once there is what reads them. */
type Beginning = (way: typeof Follow) => Follow.TurnEvents;

/** No more items than the last question and its answer usually have: they may hold pictures. */
const A_TURN = 8;

function firstId(said: readonly Said[]): string | null {
  return said.find(({ id }) => id !== null)?.id ?? null;
}
