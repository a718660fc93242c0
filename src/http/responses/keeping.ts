import type { Key } from '../../access/keys.ts';
import type { Config } from '../../config/config.ts';
import { createId } from '../../languages/responses/words.ts';
import type { Answers } from './answers.ts';
import type { ResponsesRequest } from './asked.ts';
import { LEASE_MS } from './lease.ts';
import { bodyOf, type KeepPlan } from './response-keeper.ts';
import type { RequestState } from './state.ts';

/** What is known of an answer before it begins. */
export interface Keeping {
  readonly asked: ResponsesRequest;
  readonly state: RequestState;
  readonly key: Key;
  readonly owner: string;
  readonly receivedAt: number;
  readonly savesPartial: boolean;
}

/** What is kept of an answer, and where; null where nothing is. */
export function planKeeping(
  { asked, state, key, owner, receivedAt, savesPartial }: Keeping,
  { threads, ids, worker, lost }: Answers,
  { responses }: Config,
  { now, sleep }: Pick<KeepPlan, 'now' | 'sleep'>,
): KeepPlan | null {
  if (threads === null || !(state.isStored || asked.isBackground)) return null;
  const createdAt = Math.round(receivedAt);
  // OpenAI keeps what runs in the background for a while, also where it is told to keep nothing.
  const keepMs = state.isStored ? responses.keepMs : responses.backgroundKeepMs;
  const snapshot = asked.writer.snapshot();
  return {
    threads,
    writer: asked.writer,
    response: {
      id: String(snapshot['id']),
      owner,
      key: key.id,
      status: 'in_progress',
      isBackground: asked.isBackground,
      isStreamed: asked.isStream,
      createdAt,
      expiresAt: createdAt + keepMs,
      body: bodyOf({ ...snapshot, status: 'in_progress' }),
      worker: asked.outlivesClient ? worker : null,
      leaseUntil: asked.outlivesClient ? createdAt + LEASE_MS : null,
      remote: null,
    },
    place: state.place,
    isJoining: state.isStored,
    newThread: createId('thr', ids),
    input: asked.input,
    savesPartial,
    commitMs: responses.commitMs,
    now,
    sleep,
    lost,
  };
}
