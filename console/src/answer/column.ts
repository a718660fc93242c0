import { type Signal, signal } from '@preact/signals';
import { ApiError, toApiError } from '../feed/client.ts';
import { complete, readRecord } from '../feed/completions.ts';
import { takeStreamPlace } from '../feed/locks.ts';
import type { LoneQuestion } from '../feed/lone-question.ts';
import { endCall, newCallId } from '../feed/own-calls.ts';
import type { EndedBody } from '../feed/wire.ts';
import { type Completion, type CompletionEvent, NEW_COMPLETION, nextCompletion } from './completion.ts';
import { Pace } from './pace.ts';
import { isOpen } from './turn.ts';

/** One of the answers that are read side by side, from the question to what it cost. */
export class Column {
  readonly asked: LoneQuestion;
  /** Of its call. */
  readonly requestId = newCallId();
  readonly answer: Signal<Completion> = signal(NEW_COMPLETION);
  /** What the gateway has on record of it: undefined until that is read, null where nothing is. */
  readonly record: Signal<EndedBody | null | undefined> = signal(undefined);
  /** Why it may still run though it was stopped; null while all is well. */
  readonly stopProblem: Signal<ApiError | null> = signal(null);
  readonly #reading = new AbortController();

  /** Asks at once. */
  constructor(asked: LoneQuestion) {
    this.asked = asked;
    void this.#run();
  }

  /** Shows the end at once, frees the connection, then ends the call; what was said stays. */
  async stop(): Promise<void> {
    if (!isOpen(this.answer.peek())) return;
    this.#apply({ type: 'stop' });
    this.#reading.abort();
    await this.end();
  }

  /** Ends the call, and says so where that does not work: then it may be tried again. */
  async end(): Promise<void> {
    this.stopProblem.value = null;
    try {
      await endCall(this.requestId);
    } catch (error) {
      const { code, status, requestId, message } = toApiError(error);
      // One that was finished a moment before needs no end, and one that was refused has none.
      if (code !== 'request_completed' && code !== 'request_not_found')
        this.stopProblem.value = new ApiError(`The answer may still run: ${message}`, { code, status, requestId });
    }
    await this.#readRecord();
  }

  async #run(): Promise<void> {
    const { signal: abort } = this.#reading;
    // Where all places are taken it is streamed all the same: such an answer cannot be taken up later.
    const release = await takeStreamPlace();
    try {
      const { head, chunks } = await complete(this.asked, this.requestId, abort);
      this.#apply({ type: 'head', head });
      await this.#read(chunks);
      if (!abort.aborted && isOpen(this.answer.peek())) throw new Error('A stream without an end was cut.');
    } catch (error) {
      if (abort.aborted) return;
      this.#apply({ type: 'refused', error: this.#named(toApiError(error)) });
    } finally {
      release?.();
    }
    if (!abort.aborted) await this.#readRecord();
  }

  async #read(chunks: Awaited<ReturnType<typeof complete>>['chunks']): Promise<void> {
    let pending = this.answer.peek();
    const flush = (): void => {
      // Stopped meanwhile: what came later is not shown.
      if (this.answer.peek().phase !== 'stopped') this.answer.value = pending;
    };
    const pace = new Pace(flush);
    try {
      for await (const chunk of chunks) {
        pending = nextCompletion(pending, { type: 'chunk', chunk });
        pace.want();
      }
    } finally {
      pace.end();
      flush();
    }
  }

  async #readRecord(): Promise<void> {
    // Without it there are no figures; the answer is there all the same.
    this.record.value = await readRecord(this.requestId).catch(() => null);
  }

  /** A broken connection brings no id, and the call has one. */
  #named(error: ApiError): ApiError {
    const { message, status, code, requestId } = error;
    return new ApiError(message, { status, code, requestId: requestId ?? this.requestId });
  }

  #apply(event: CompletionEvent): void {
    this.answer.value = nextCompletion(this.answer.peek(), event);
  }
}
