import { expect, it } from 'vitest';
import type { ThreadStore } from '../../../src/conversations/store.ts';
import { Threads } from '../../../src/conversations/threads.ts';
import { ResponseKeeper } from '../../../src/http/responses/response-keeper.ts';
import { batchOf } from '../../../src/protocol/delta.ts';
import { OWNER, openThreads, responseOf } from '../../conversations/threads.ts';
import { temporaryFolder } from '../../support/config-files.ts';
import { createTestWriter } from '../../support/responses-writer.ts';

const RUNNING = { status: 'in_progress', worker: 'w', leaseUntil: 2000, isBackground: true } as const;

const LIMITS = { maxItemBytes: 1e6, maxThreadBytes: 1e6, maxItems: 100, conversationKeepMs: null };

/** Keeps an answer of a call that is aborted meanwhile, so that there is one try. */
async function keepOnce(change: (store: ThreadStore) => Partial<ThreadStore>): Promise<readonly unknown[]> {
  const store = await openThreads(() => `${temporaryFolder()}/s.db`);
  const response = responseOf('r1', 1000, RUNNING);
  await store.begin(response, null);
  const lost: unknown[] = [];
  const writer = createTestWriter({ id: 'r1' });
  writer.push(batchOf([{ type: 'choice', index: 0, delta: { content: 'so far' }, logprobs: null, finish: 'stop' }]));
  const keeper = new ResponseKeeper({
    threads: new Threads(
      { ...store, ...change(store) },
      () => LIMITS,
      () => 1500,
    ),
    writer,
    response,
    place: { kind: 'new' },
    isJoining: true,
    newThread: 'thr_1',
    input: [],
    savesPartial: false,
    commitMs: 300,
    now: () => 1500,
    sleep: async () => undefined,
    lost: (error) => lost.push(error),
  });
  await keeper.keep(AbortSignal.abort());
  return [(await store.find(OWNER, 'r1'))?.response.status, writer.result()['store'], lost.length];
}

it('an answer in the background whose last commit is done although its time was over counts as kept', async () => {
  const late = (store: ThreadStore): Partial<ThreadStore> => ({
    async commit(turn) {
      await store.commit(turn);
      return new Promise(() => undefined);
    },
  });
  expect(await keepOnce(late)).toEqual(['completed', true, 0]);
});

it('an answer in the background whose commit was never done says that it is not kept', async () => {
  expect(await keepOnce(() => ({ commit: () => new Promise(() => undefined) }))).toEqual(['in_progress', false, 1]);
});
