import type { AnswerKeeper } from '../../calls/keeper.ts';
import type { Config } from '../../config/config.ts';
import type { KeptStatus, NewResponse, RemotePlace, TurnPlace } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import { createId } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import type { Answers } from './answers.ts';
import { inTime } from './in-time.ts';
import type { Keeping } from './keeping.ts';
import { toRemoteItems } from './remote-items.ts';

/** What is to be kept of an answer that its provider keeps: the names by which it is found there. */
export interface RemotePlan extends Pick<Answers, 'lost'> {
  readonly threads: Threads;
  readonly writer: ResponsesWriter;
  readonly response: Omit<NewResponse, 'body' | 'remote'>;
  readonly newThread: string;
  readonly commitMs: number;
  readonly now: () => number;
  /** Who answers, and by which key. */
  readonly account: () => Omit<RemotePlace, 'id'> | null;
}

/** Where it stands: behind nothing here, as what it follows is the provider's business. */
export const ALONE: TurnPlace = { kind: 'new' };
/** No process of the gateway has to look after it. */
export const BY_PROVIDER = 'provider';

/** Keeps the names of an answer whose provider keeps all else. */
export class RemoteKeeper implements AnswerKeeper {
  readonly #plan: RemotePlan;
  #hasBegun = false;

  constructor(plan: RemotePlan) {
    this.#plan = plan;
  }

  /** Who has read the id may ask for it at once, or leave and come back. */
  async begin(): Promise<void> {
    const { threads } = this.#plan;
    const response = this.#response('in_progress');
    if (response === null) return;
    await threads.begin({ ...response, worker: BY_PROVIDER }, ALONE, []);
    this.#hasBegun = true;
  }

  async keep(): Promise<void> {
    const { threads, writer, response, commitMs, lost } = this.#plan;
    try {
      await inTime(this.#keep(threads, writer.result()), commitMs);
    } catch (error) {
      // Another request has noted the end, or has erased it: what the provider says is the answer nevertheless.
      if (error instanceof GatewayError && error.code === 'request_cancelled') return;
      lost(error);
      if (this.#hasBegun) return;
      // It goes on, and could be found by nothing.
      if (response.isBackground) throw notFindable(error);
      writer.notKept();
    }
  }

  /** What became of it its provider says. */
  async keepFailed(): Promise<void> {}

  async #keep(threads: Threads, result: JsonRecord): Promise<void> {
    const { newThread, now, writer } = this.#plan;
    const status = result['status'] as KeptStatus;
    const response = this.#response(status);
    if (response === null) return writer.notKept();
    const isRunning = status === 'queued' || status === 'in_progress';
    if (isRunning) return this.#hasBegun ? undefined : this.begin();
    await threads.commit({
      response: { ...response, worker: this.#hasBegun ? BY_PROVIDER : null },
      completedAt: Math.round(now()),
      place: ALONE,
      newThread,
      input: [],
      output: toRemoteItems(result['output'], response.remote),
    });
  }

  #response(status: KeptStatus): (NewResponse & { readonly remote: RemotePlace }) | null {
    const { writer, response, account } = this.#plan;
    const [place, remoteId] = [account(), writer.remoteId()];
    if (place === null || remoteId === null) return null;
    const { id, model, previous_response_id } = writer.snapshot();
    const body = JSON.stringify({ id, model, previous_response_id });
    return { ...response, status, body, remote: { ...place, id: remoteId } };
  }
}

function notFindable(cause: unknown): GatewayError {
  const message = 'The response runs at its provider, and its id could not be kept. Try again in a moment.';
  return new GatewayError('store_unavailable', message, { cause });
}

/** @param account who answers, and by which key; null where it is not known yet */
export function createRemoteKeeper(
  { asked, state, key, owner, receivedAt }: Keeping,
  { threads, ids, lost }: Answers,
  { responses }: Pick<Config, 'responses'>,
  now: () => number,
  account: RemotePlan['account'],
): RemoteKeeper | null {
  const isBackground = state.body.background === true;
  if (threads === null || !(state.isStored || isBackground)) return null;
  const createdAt = Math.round(receivedAt);
  return new RemoteKeeper({
    threads,
    writer: asked.writer,
    response: {
      id: String(asked.writer.snapshot()['id']),
      owner,
      key: key.id,
      status: 'in_progress',
      isBackground,
      isStreamed: asked.isStream,
      createdAt,
      expiresAt: createdAt + (state.isStored ? responses.keepMs : responses.backgroundKeepMs),
      worker: null,
      leaseUntil: null,
    },
    newThread: createId('thr', ids),
    commitMs: responses.commitMs,
    now,
    account,
    lost,
  });
}
