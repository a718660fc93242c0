import type { AnswerKeeper } from '../../calls/keeper.ts';
import type { KeptStatus, NewItem, NewResponse, TurnPlace } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { StoredItem } from '../../languages/responses/client-item-list.ts';
import type { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import { sealEnvelope } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { inTime } from './in-time.ts';
import { toNewItem } from './items.ts';
import { keepTrying } from './keep-trying.ts';
import { LEASE_MS } from './lease.ts';

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
  /** How long the end of an answer waits for its commit; in the background for one try of it. */
  readonly commitMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** An answer was not kept that should have been. */
  lost(error: unknown): void;
}

/** Keeps one answer of the Responses API. */
export class ResponseKeeper implements AnswerKeeper {
  readonly #plan: KeepPlan;

  constructor(plan: KeepPlan) {
    this.#plan = plan;
  }

  async keep(signal: AbortSignal): Promise<void> {
    const result = this.#plan.writer.result();
    if (result['status'] === 'failed') await this.#keepBroken(result, signal);
    else await this.#commit(result, signal);
  }

  async keepFailed(error: GatewayError, hasBegun: boolean, signal: AbortSignal): Promise<void> {
    const { writer, response } = this.#plan;
    const outlivesClient = response.worker !== null;
    // Its client left first, or is told by the status of HTTP: no id was given to anybody.
    if (!outlivesClient && (error.code === 'client_closed' || !hasBegun)) return;
    await this.#keepBroken(writer.failedResult(error), signal).catch((reason: unknown) => {
      // It was ended before, from elsewhere: then it stays so.
      if (!isCancelled(reason)) throw reason;
    });
  }

  #keepBroken(result: JsonRecord, signal: AbortSignal): Promise<void> {
    const { savesPartial, place } = this.#plan;
    const joins = savesPartial && place.kind === 'conversation';
    return joins ? this.#commit(result, signal) : this.#settle(result, signal);
  }

  async #commit(result: JsonRecord, signal: AbortSignal): Promise<void> {
    const { threads, writer, place, isJoining, newThread, input } = this.#plan;
    if (!isJoining) return this.#settle(result, signal);
    const output = writer.storedItems().map(toKept);
    await this.#tryTo(result, signal, (response, completedAt) =>
      threads.commit({ response, completedAt, place, newThread, input, output }),
    );
  }

  async #settle(result: JsonRecord, signal: AbortSignal): Promise<void> {
    const { threads, place, input } = this.#plan;
    const output = JSON.stringify(result['output']);
    await this.#tryTo(result, signal, async (response, completedAt) => {
      const isFirst = await threads.settle(response, completedAt, output, { input, place });
      if (!isFirst) throw new GatewayError('request_cancelled', 'The response was cancelled.');
    });
  }

  /**
   * Tries it: in the background as long as its lease can be held, else as long as its end may wait. Where it cannot be done, the
   * answer says that it is not kept.
   * @throws GatewayError where it was cancelled before
   */
  async #tryTo(result: JsonRecord, signal: AbortSignal, keep: Keep): Promise<void> {
    const { writer, response, commitMs, now, sleep, lost } = this.#plan;
    const ended = { ...response, status: result['status'] as KeptStatus, body: bodyOf(result) };
    const completedAt = Math.round(now());
    const until = completedAt + (response.isBackground ? Math.max(LEASE_MS, commitMs) : commitMs);
    const once = (): Promise<void> =>
      inTime(this.#unlessKept(keep(ended, completedAt), ended), Math.min(commitMs, until - now()));
    // What ends with its client has no lease, and a store that is away would hold up every answer.
    const isFinal = (error: unknown): boolean =>
      response.worker === null || error instanceof LeftBehind || isCancelled(error);
    try {
      await keepTrying(once, isFinal, { until, signal, now, sleep });
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (response.isBackground && (await this.#isKept(ended))) return;
      lost(error);
      writer.notKept();
    }
  }

  /** A try that took too long may have been done after it was given up; where that cannot be read, it counts as not done. */
  async #isKept({ owner, id, status }: NewResponse): Promise<boolean> {
    const kept = inTime(this.#statusOf(owner, id), this.#plan.commitMs);
    return (await kept.catch(() => null)) === status;
  }

  /** Where it had ended before, that was an earlier try whose answer was lost, a cancel, or the end of its lease. */
  async #unlessKept(work: Promise<void>, { owner, id, status }: NewResponse): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isCancelled(error)) throw error;
      const kept = await this.#statusOf(owner, id);
      if (kept === status) return;
      const isAnswered = status === 'completed' || status === 'incomplete';
      throw kept === 'failed' && isAnswered ? new LeftBehind() : error;
    }
  }

  /** Null where it was erased. */
  async #statusOf(owner: string, id: string): Promise<KeptStatus | null> {
    try {
      return (await this.#plan.threads.response(owner, id)).response.status;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'not_found') return null;
      throw error;
    }
  }
}

/** Its lease ran out while the store was away, and another gateway was the first to be back. */
class LeftBehind extends Error {
  constructor() {
    super('Its lease had run out, and another gateway has ended it.');
  }
}

type Keep = (response: NewResponse, completedAt: number) => Promise<void>;

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
