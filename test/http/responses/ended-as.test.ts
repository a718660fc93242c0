import { expect, it } from 'vitest';
import { endedAs } from '../../../src/http/responses/ended-as.ts';
import { OWNER, openThreads, responseOf, turnOf } from '../../conversations/threads.ts';
import { temporaryFolder } from '../../support/config-files.ts';

const RUNNING = { status: 'in_progress', worker: 'w', leaseUntil: 2000 } as const;

it('a response that ends while it is ended from elsewhere stays as it ended, and that is told', async () => {
  const store = await openThreads(() => `${temporaryFolder()}/s.db`);
  for (const id of ['r1', 'r2']) await store.begin(responseOf(id, 1000, RUNNING), null);
  const [first, second] = [await store.find(OWNER, 'r1'), await store.find(OWNER, 'r2')];
  if (first === null || second === null) throw new Error('They are there.');
  await store.commit(turnOf('r1', { kind: 'new' }, 1500, { worker: 'w' }));
  expect(await endedAs('cancelled', first, store, 1600)).toBeNull();
  expect((await store.find(OWNER, 'r1'))?.response.status).toBe('completed');
  expect(await endedAs('cancelled', second, store, 1600)).toMatchObject({ id: 'r2', status: 'cancelled', output: [] });
  expect((await store.find(OWNER, 'r2'))?.response.status).toBe('cancelled');
});
