import { describe, expect, it } from 'vitest';
import { queryTermsOf } from '../../src/conversations/word-search.ts';
import { ENGINES, item, OWNER, openThreads, turnOf } from './threads.ts';

const PAGE = { limit: 10, order: 'desc', after: null, since: null } as const;

function conversationOf(id: string, at: number, title = '') {
  return { owner: OWNER, id, metadata: JSON.stringify(title ? { title } : {}), title, at };
}

describe.each(ENGINES)('conversations on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('a conversation', () => {
    it('is made, changed, read and erased by its owner alone', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1000, 'Tides'), [item('i1')]);
      expect(await store.conversation(OWNER, 'c1', 1000)).toMatchObject({ id: 'c1', items: 1, running: null });
      expect(await store.conversation('key:b', 'c1', 1000)).toBeNull();
      const changed = { ...conversationOf('c1', 2000), metadata: '{"a":"b"}' };
      expect(await store.updateConversation({ ...changed, owner: 'key:b' })).toBeNull();
      expect(await store.updateConversation(changed)).toMatchObject({ metadata: '{"a":"b"}', updatedAt: 2000 });
      expect(await store.removeConversation('key:b', 'c1')).toBe(false);
      expect([await store.removeConversation(OWNER, 'c1'), await store.removeConversation(OWNER, 'c1')]).toEqual([
        true,
        false,
      ]);
      expect(await store.findItems(OWNER, ['i1'])).toEqual([]);
    });

    it('has items in pages, in both orders', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1000), [item('a'), item('b')]);
      expect(await store.addItems(OWNER, 'c1', [item('c'), item('d')], 1100)).toBe('added');
      expect(await store.addItems('key:b', 'c1', [item('x')], 1100)).toBe('missing');
      const ids = async (order: 'asc' | 'desc', after: string | null) => {
        const page = await store.pageOfItems(OWNER, 'c1', { limit: 3, order, after });
        return page && [page.items.map(({ id }) => id).join(''), page.hasMore];
      };
      expect([await ids('asc', null), await ids('asc', 'c')]).toEqual([
        ['abc', true],
        ['d', false],
      ]);
      expect([await ids('desc', null), await ids('desc', 'b')]).toEqual([
        ['dcb', true],
        ['a', false],
      ]);
      expect(await ids('asc', 'unknown')).toBeNull();
    });

    it('loses an item, and its size with it', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1000), [item('a'), item('b')]);
      const before = await store.conversation(OWNER, 'c1', 1000);
      expect(await store.conversationItem(OWNER, 'c1', 'a')).toMatchObject({ id: 'a' });
      expect([await store.removeItem('key:b', 'c1', 'a', 1), await store.removeItem(OWNER, 'c1', 'a', 1)]).toEqual([
        false,
        true,
      ]);
      expect(await store.conversationItem(OWNER, 'c1', 'a')).toBeNull();
      const after = await store.conversation(OWNER, 'c1', 1000);
      expect([after?.items, after?.bytes]).toEqual([1, (before?.bytes ?? 0) / 2]);
    });

    it('is listed by its last activity, in pages', async () => {
      const store = await openThreads(createUrl);
      for (const [at, id] of ['c1', 'c2', 'c3'].entries()) await store.createConversation(conversationOf(id, at), []);
      await store.addItems(OWNER, 'c1', [item('i')], 100);
      const ids = async (parts: object) =>
        (await store.listConversations(OWNER, { ...PAGE, terms: [], metadata: {}, at: 200, ...parts }))?.map(
          ({ id }) => id,
        );
      expect(await ids({})).toEqual(['c1', 'c3', 'c2']);
      expect(await ids({ order: 'asc', limit: 2 })).toEqual(['c2', 'c3']);
      expect(await ids({ after: 'c3' })).toEqual(['c2']);
      expect(await ids({ after: 'c9' })).toBeUndefined();
      expect(await store.listConversations('key:b', { ...PAGE, terms: [], metadata: {}, at: 200 })).toEqual([]);
    });

    it('is found by words of its title and of its items', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1, 'Ebbe und Flut'), [
        item('i1', 'message', 'Größe der See'),
      ]);
      await store.createConversation(conversationOf('c2', 2), [item('i2', 'message', 'it\'s "quoted" OR* (odd)')]);
      const found = async (query: string, owner = OWNER) =>
        (await store.listConversations(owner, { ...PAGE, terms: queryTermsOf(query), metadata: {}, at: 9 }))?.map(
          ({ id }) => id,
        );
      expect([await found('flut'), await found('größ'), await found('See der')]).toEqual([['c1'], ['c1'], ['c1']]);
      expect([await found('"quoted" OR*'), await found("(odd) it's"), await found('flut see')]).toEqual([
        ['c2'],
        ['c2'],
        [],
      ]);
      expect(await found('flut', 'key:b')).toEqual([]);
      await store.updateConversation(conversationOf('c1', 3, 'Springtide'));
      expect([await found('flut'), await found('spring')]).toEqual([[], ['c1']]);
      await store.removeItem(OWNER, 'c1', 'i1', 4);
      expect(await found('see')).toEqual([]);
    });

    it('knows which response said or was asked which of its items, also in a fork, and of none that was erased', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1), [item('a')]);
      const place = (turn: number) => ({ kind: 'conversation', thread: 'c1', turn }) as const;
      await store.commit(turnOf('r1', place(1), 1500));
      await store.commit(turnOf('r2', place(2), 2500));
      await store.forkConversation('c1', 'r1-out', conversationOf('c2', 3));
      const ids = ['a', 'r1-in', 'r1-out', 'r2-out'];
      expect(await store.saidBy(OWNER, ids)).toEqual([
        { item: 'r1-in', response: 'r1', createdAt: 1500 },
        { item: 'r1-out', response: 'r1', createdAt: 1500 },
        { item: 'r2-out', response: 'r2', createdAt: 2500 },
      ]);
      expect([await store.saidBy('key:b', ids), await store.saidBy(OWNER, [])]).toEqual([[], []]);
      await store.remove(OWNER, 'r1');
      expect((await store.saidBy(OWNER, ids)).map(({ response }) => response)).toEqual(['r2']);
    });

    it('is forked after one of its items, and the fork outlives it', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('c1', 1), [item('a'), item('b')]);
      await store.addItems(OWNER, 'c1', [item('c')], 2);
      expect(await store.forkConversation('c1', 'nothing', conversationOf('c2', 3))).toBeNull();
      expect(await store.forkConversation('c1', 'b', { ...conversationOf('c2', 3), owner: 'key:b' })).toBeNull();
      expect(await store.forkConversation('c1', 'b', conversationOf('c2', 3, 'Other'))).toMatchObject({ items: 2 });
      await store.addItems(OWNER, 'c2', [item('d')], 4);
      await store.removeConversation(OWNER, 'c1');
      const page = await store.pageOfItems(OWNER, 'c2', { ...PAGE, order: 'asc' });
      expect(page?.items.map(({ id }) => id)).toEqual(['a', 'b', 'd']);
      const found = await store.listConversations(OWNER, { ...PAGE, terms: ['a'], metadata: {}, at: 9 });
      expect(found?.map(({ id }) => id)).toEqual(['c2']);
    });
  });
});
