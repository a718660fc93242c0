import { setTimeout as wait } from 'node:timers/promises';
import type { AnswerKeeper } from '../../calls/keeper.ts';
import type { KeptStatus, NewItem, NewResponse, TurnPlace } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { StoredItem } from '../../languages/responses/client-item-list.ts';
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
  /** What it stands behind. */
  readonly place: TurnPlace;
  /** False for one that is only kept for a while: it joins no thread, and nothing can follow it. */
  readonly isJoining: boolean;
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
    const result = this.#plan.writer.result();
    if (result['status'] === 'failed') await this.#keepBroken(result);
    else await this.#commit(result);
  }

  async keepFailed(error: GatewayError, hasBegun: boolean): Promise<void> {
    const { writer, response } = this.#plan;
    const outlivesClient = response.worker !== null;
    // Its client left first, or is told by the status of HTTP: no id was given to anybody.
    if (!outlivesClient && (error.code === 'client_closed' || !hasBegun)) return;
    await this.#keepBroken(writer.failedResult(error)).catch((reason: unknown) => {
      // It was ended before, from elsewhere: then it stays so.
      if (!isCancelled(reason)) throw reason;
    });
  }

  #keepBroken(result: JsonRecord): Promise<void> {
    const { savesPartial, place } = this.#plan;
    return savesPartial && place.kind === 'conversation' ? this.#commit(result) : this.#settle(result);
  }

  async #commit(result: JsonRecord): Promise<void> {
    const { threads, writer, place, isJoining, newThread, input } = this.#plan;
    if (!isJoining) return this.#settle(result);
    const output = writer.storedItems().map(toKept);
    await this.#tryTo(result, (response, completedAt) =>
      threads.commit({ response, completedAt, place, newThread, input, output }),
    );
  }

  async #settle(result: JsonRecord): Promise<void> {
    const { threads, place, input } = this.#plan;
    const output = JSON.stringify(result['output']);
    await this.#tryTo(result, async (response, completedAt) => {
      const isFirst = await threads.settle(response, completedAt, output, { input, place });
      if (!isFirst) throw new GatewayError('request_cancelled', 'The response was cancelled.');
    });
  }

  /** Where it cannot be done, the answer says that it is not kept. @throws GatewayError where it was ended before */
  async #tryTo(result: JsonRecord, keep: (response: NewResponse, completedAt: number) => Promise<void>): Promise<void> {
    const { writer, response, now, lost } = this.#plan;
    const ended = { ...response, status: result['status'] as KeptStatus, body: bodyOf(result) };
    try {
      await this.#inTime(keep(ended, Math.round(now())));
    } catch (error) {
      if (isCancelled(error)) throw error;
      lost(error);
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

function isCancelled(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'request_cancelled';
}

/** The response without its output, which is kept as items; the key stays, so that it keeps its place. */
export function bodyOf(response: JsonRecord): string {
  return JSON.stringify({ ...response, output: [] });
}

/** What its maker wants back goes into an envelope beside it. */
function toKept({ item, providerState }: StoredItem): NewItem {
  return toNewItem(item, providerState && sealEnvelope({ ...providerState, callId: null, answeredBy: null }));
}
