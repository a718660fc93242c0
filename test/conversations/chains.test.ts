import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/database/operation.ts';
import { commitChild, contextIds, ENGINES, idsIn, item, OWNER, openThreads, responseOf, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;

describe.each(ENGINES)('chains of stored responses on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('a response', () => {
    it('is found with its output, by its owner alone', async () => {
      const store = await openThreads(createUrl);
      expect(await store.commit(turnOf('r1', NEW))).toBe('committed');
      const found = await store.find(OWNER, 'r1');
      expect(found?.response).toMatchObject({ id: 'r1', key: 'a', status: 'completed', turn: 0, body: '{"id":"r1"}' });
      expect(found?.output.map(({ id }) => id)).toEqual(['r1-out']);
      expect(await store.find('key:b', 'r1')).toBeNull();
      expect(await store.find(OWNER, 'r2')).toBeNull();
    });

    it('knows what was said before it, in order', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      await commitChild(store, 'r1', 'r2');
      await commitChild(store, 'r2', 'r3');
      expect(await contextIds(store, 'r3')).toEqual(['r1-in', 'r1-out', 'r2-in', 'r2-out', 'r3-in', 'r3-out']);
      expect(await contextIds(store, 'r1')).toEqual(['r1-in', 'r1-out']);
      const { response } = (await store.find(OWNER, 'r2')) ?? {};
      if (!response) throw new Error('It is there.');
      const asked = await store.contextOf(response, false);
      expect(idsIn(asked.items)).toEqual(['r1-in', 'r1-out', 'r2-in']);
    });

    it('may have several children, each with a line of its own', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      await commitChild(store, 'r1', 'left');
      await commitChild(store, 'r1', 'right');
      await commitChild(store, 'right', 'more');
      await commitChild(store, 'right', 'other');
      expect(await contextIds(store, 'left')).toEqual(['r1-in', 'r1-out', 'left-in', 'left-out']);
      const right = ['r1-in', 'r1-out', 'right-in', 'right-out'];
      expect(await contextIds(store, 'more')).toEqual([...right, 'more-in', 'more-out']);
      expect(await contextIds(store, 'other')).toEqual([...right, 'other-in', 'other-out']);
    });

    it('has one next turn, however many children end at the same time', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      const names = Array.from({ length: 8 }, (_, at) => `c${at}`);
      await Promise.all(names.map((name) => commitChild(store, 'r1', name)));
      for (const name of names) {
        expect(await contextIds(store, name)).toEqual(['r1-in', 'r1-out', `${name}-in`, `${name}-out`]);
      }
    });

    it('stands on nothing before the turn of the last compaction', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      const place = { kind: 'child', thread: 'thr_r1', turn: 0 } as const;
      await store.commit({ ...turnOf('r2', place), output: [item('cmp', 'compaction'), item('r2-out')] });
      await commitChild(store, 'r2', 'r3');
      await store.remove(OWNER, 'r1');
      expect(await contextIds(store, 'r3')).toEqual(['r2-in', 'cmp', 'r2-out', 'r3-in', 'r3-out']);
    });

    it('that was erased is named by what stood on it', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      await commitChild(store, 'r1', 'r2');
      expect(await store.remove('key:b', 'r1')).toBe(false);
      expect([await store.remove(OWNER, 'r1'), await store.remove(OWNER, 'r1')]).toEqual([true, false]);
      expect(await contextIds(store, 'r2')).toBe('without r1');
      expect(await store.find(OWNER, 'r1')).toBeNull();
      expect(await store.findItems(OWNER, ['r1-out', 'r2-out'])).toMatchObject([{ id: 'r2-out' }]);
    });

    it('that failed is kept with what it had said, and is no parent', async () => {
      const store = await openThreads(createUrl);
      await store.settle(responseOf('r1', 1000, { status: 'failed' }), 1100, '[{"id":"half"}]');
      expect(await store.find(OWNER, 'r1')).toMatchObject({
        response: { status: 'failed', thread: null, output: '[{"id":"half"}]', completedAt: 1100 },
        output: [],
      });
    });

    it('gives items by their own ids, of several the newest, to their owner alone', async () => {
      const store = await openThreads(createUrl);
      await store.commit(turnOf('r1', NEW));
      const again = { ...item('r1-out'), body: '{"new":true}' };
      await store.commit({ ...turnOf('r2', { kind: 'child', thread: 'thr_r1', turn: 0 }), input: [again] });
      expect(await store.findItems(OWNER, ['r1-out', 'nothing'])).toMatchObject([{ body: '{"new":true}' }]);
      expect(await store.findItems('key:b', ['r1-out'])).toEqual([]);
      expect(await store.findItems(OWNER, [])).toEqual([]);
    });

    it('gives back to its maker what was kept beside an item, and shows it to no client', async () => {
      const store = await openThreads(createUrl);
      await store.commit({ ...turnOf('r1', NEW), output: [{ ...item('said'), state: 'sealed' }] });
      await commitChild(store, 'r1', 'r2');
      const { response, output } = (await store.find(OWNER, 'r2')) ?? {};
      if (!response) throw new Error('It is there.');
      const { items } = await store.contextOf(response, true);
      expect(JSON.parse(textOf(items))[1]).toEqual({ id: 'said', type: 'message', encrypted_content: 'sealed' });
      expect(
        textOf((await store.contextOf(response, false)).items) + JSON.stringify(output?.map(({ body }) => body)),
      ).not.toContain('sealed');
    });

    it('expires with the last turn of its chain', async () => {
      const store = await openThreads(createUrl);
      const day = 86_400_000;
      await store.commit(turnOf('r1', NEW, 0));
      await store.commit(turnOf('alone', NEW, 0));
      await commitChild(store, 'r1', 'r2', day - 1);
      await commitChild(store, 'r1', 'fork', day);
      expect(await store.purge(day + 10, 100)).toBe(false);
      expect(await store.find(OWNER, 'alone')).toBeNull();
      expect(await contextIds(store, 'r2')).toHaveLength(4);
      await store.purge(3 * day, 100);
      expect([await store.find(OWNER, 'r1'), await store.find(OWNER, 'fork')]).toEqual([null, null]);
      expect(await store.findItems(OWNER, ['r1-out', 'fork-out'])).toEqual([]);
    });
  });
});
