import { setTimeout as wait } from 'node:timers/promises';
import type { AnswerKeeper } from '../../calls/keeper.ts';
import type { KeptStatus, NewItem, NewResponse, TurnPlace } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import { sealEnvelope } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { toNewItem } from './items.ts';

/** What is to be kept of one answer. */
export interface KeepPlan {
  readonly threads: Threads;
  readonly writer: ResponsesWriter;
  /** The response at its beginning. */
  readonly response: NewResponse;
  readonly place: TurnPlace;
  readonly newThread: string;
  readonly input: readonly NewItem[];
  /** Whether a partial answer joins its conversation. */
  readonly savesPartial: boolean;
  /** How long the end of an answer waits for its commit. */
  readonly commitMs: number;
  readonly now: () => number;
  /** An answer was not kept that should have been. */
  lost(error: unknown): void;
}

/** Keeps one answer of the Responses API. */
export class ResponseKeeper implements AnswerKeeper {
  readonly #plan: KeepPlan;

  constructor(plan: KeepPlan) {
    this.#plan = plan;
  }

  async keep(): Promise<void> {
    const { writer } = this.#plan;
    const result = writer.result();
    if (result['status'] === 'failed') return this.#settle(result, 'failed');
    await this.#commit(result);
  }

  async keepFailed(error: GatewayError): Promise<void> {
    const { writer, response, savesPartial, place } = this.#plan;
    const outlivesClient = response.worker !== null;
    // Nobody knows the id of an answer whose client left first.
    if (error.code === 'client_closed' && !outlivesClient) return;
    const result = writer.failedResult(error);
    const status = result['status'] === 'cancelled' ? 'cancelled' : 'failed';
    if (savesPartial && place.kind === 'conversation') return this.#commit(result);
    await this.#settle(result, status);
  }

  async #commit(result: JsonRecord): Promise<void> {
    const { threads, writer, response, place, newThread, input, now } = this.#plan;
    const status = result['status'] as KeptStatus;
    const completedAt = Math.round(now());
    const output = writer
      .storedItems()
      .map(({ item, providerState }) =>
        toNewItem(item, providerState && sealEnvelope({ ...providerState, callId: null, answeredBy: null })),
      );
    const ended = { ...response, status, body: bodyOf(result) };
    try {
      await this.#inTime(threads.commit({ response: ended, completedAt, place, newThread, input, output }));
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'request_cancelled') throw error;
      this.#plan.lost(error);
      writer.notKept();
    }
  }

  async #settle(result: JsonRecord, status: 'failed' | 'cancelled'): Promise<void> {
    const { threads, writer, response, now } = this.#plan;
    const output = JSON.stringify(result['output']);
    try {
      const ended = { ...response, status, body: bodyOf(result) };
      await this.#inTime(threads.settle(ended, Math.round(now()), output));
    } catch (error) {
      this.#plan.lost(error);
      writer.notKept();
    }
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const { commitMs } = this.#plan;
    const late = new AbortController();
    const tooLate = async (): Promise<never> => {
      await wait(commitMs, undefined, { signal: late.signal, ref: false });
      throw new Error(`It took longer than ${commitMs} ms (responses.commit).`);
    };
    try {
      return await Promise.race([work, tooLate()]);
    } finally {
      late.abort();
      work.catch(() => undefined);
    }
  }
}

/** The response without its output, which is kept as items; the key stays, so that it keeps its place. */
export function bodyOf(response: JsonRecord): string {
  return JSON.stringify({ ...response, output: [] });
}
