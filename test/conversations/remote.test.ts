import { describe, expect, it } from 'vitest';
import type { KeptTurn, NewResponse } from '../../src/conversations/records.ts';
import { ENGINES, item, OWNER, openThreads, responseOf, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;
const PLACE = { provider: 'ai', key: '0123456789abcdef', id: 'resp_there' };

/** A response that its provider keeps, while it runs there. */
function running(id: string, at = 1000): NewResponse {
  return responseOf(id, at, { status: 'in_progress', worker: 'provider', remote: PLACE });
}

/** Its end, with one item of the provider's. */
function ended(id: string, parts: Partial<NewResponse> = {}): KeptTurn {
  const turn = turnOf(id, NEW, 1000, { remote: PLACE, ...parts });
  return { ...turn, input: [], output: [{ ...item('msg_there', 'item_reference'), state: '{"provider":"ai"}' }] };
}

describe.each(ENGINES)('responses that a provider keeps on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('one', () => {
    it('is found with the names it has there, by its owner alone, and others have none', async () => {
      const store = await openThreads(createUrl);
      await store.commit(ended('r1'));
      await store.commit(turnOf('r2', NEW));
      await store.commit(ended('r3', { remote: { ...PLACE, key: null } }));
      const [r1, r2, r3] = [
        await store.find(OWNER, 'r1'),
        await store.find(OWNER, 'r2'),
        await store.find(OWNER, 'r3'),
      ];
      expect([r1, r2, r3].map((found) => found?.response.remote)).toEqual([PLACE, null, { ...PLACE, key: null }]);
      expect(await store.find('key:b', 'r1')).toBeNull();
      const [known] = await store.findItems(OWNER, ['msg_there']);
      expect(known).toMatchObject({ id: 'msg_there', type: 'item_reference', state: '{"provider":"ai"}' });
      expect(await store.findItems('key:b', ['msg_there'])).toEqual([]);
    });

    it('is looked after by no process while it runs, and ends once', async () => {
      const store = await openThreads(createUrl);
      expect(await store.begin(running('r1'), null)).toBe('begun');
      expect(await store.abandoned(10 ** 13, 10)).toEqual([]);
      expect(await store.commit(ended('r1', { worker: 'provider' }))).toBe('committed');
      expect(await store.commit(ended('r1', { worker: 'provider' }))).toBe('ended');
      expect((await store.find(OWNER, 'r1'))?.response).toMatchObject({ status: 'completed', remote: PLACE });
    });

    it('is forgotten with its items, when it is erased or its time is over', async () => {
      const store = await openThreads(createUrl);
      await store.commit(ended('r1'));
      expect(await store.remove(OWNER, 'r1')).toBe(true);
      expect(await store.findItems(OWNER, ['msg_there'])).toEqual([]);
      await store.begin(running('r2', 2000), null);
      await store.commit(ended('r3'));
      expect(await store.commit(ended('r1', { worker: 'provider' }))).toBe('ended');
      await store.purge(10 ** 13, 100);
      expect([await store.find(OWNER, 'r2'), await store.find(OWNER, 'r3')]).toEqual([null, null]);
      expect(await store.findItems(OWNER, ['msg_there'])).toEqual([]);
    });
  });
});
