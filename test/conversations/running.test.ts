import { describe, expect, it } from 'vitest';
import { ENGINES, idsIn, item, OWNER, openThreads, responseOf, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;
const QUEUED = { status: 'queued', worker: 'w1', leaseUntil: 2000, isBackground: true } as const;

function conversationOf(id: string) {
  return { owner: OWNER, id, metadata: '{}', title: '', at: 500 };
}

describe.each(ENGINES)('responses that outlive their client on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('one of them', () => {
    it('goes from queued to its end, once', async () => {
      const store = await openThreads(createUrl);
      expect(await store.begin(responseOf('r1', 1000, QUEUED), null)).toBe('begun');
      expect(await store.find(OWNER, 'r1')).toMatchObject({ response: { status: 'queued', isBackground: true } });
      expect(await store.commit(turnOf('r1', NEW, 1500, { ...QUEUED, status: 'completed' }))).toBe('committed');
      expect(await store.find(OWNER, 'r1')).toMatchObject({ response: { status: 'completed', turn: 0 } });
      const late = responseOf('r1', 1000, { ...QUEUED, status: 'cancelled' });
      expect(await store.settle(late, 1600, '[]')).toBe(false);
    });

    it('that was cancelled is not committed afterwards', async () => {
      const store = await openThreads(createUrl);
      await store.begin(responseOf('r1', 1000, QUEUED), null);
      expect(await store.settle(responseOf('r1', 1000, { ...QUEUED, status: 'cancelled' }), 1100, '[]')).toBe(true);
      expect(await store.commit(turnOf('r1', NEW, 1500, { ...QUEUED, status: 'completed' }))).toBe('ended');
      expect(await store.find(OWNER, 'r1')).toMatchObject({ response: { status: 'cancelled', thread: null } });
      expect(await store.findItems(OWNER, ['r1-out'])).toEqual([]);
    });

    it('whose process has gone is found by its lease, which a living one renews', async () => {
      const store = await openThreads(createUrl);
      await store.begin(responseOf('r1', 1000, QUEUED), null);
      await store.begin(responseOf('r2', 1000, { ...QUEUED, worker: 'w2' }), null);
      expect(await store.abandoned(1999, 10)).toEqual([]);
      expect(await store.renew('w2', ['r1', 'r2'], 5000)).toEqual(['r2']);
      expect(await store.abandoned(2001, 10)).toMatchObject([{ id: 'r1', owner: OWNER }]);
    });

    it('shows what it has said so far until its end, and not after it', async () => {
      const store = await openThreads(createUrl);
      await store.begin(responseOf('r1', 1000, QUEUED), null);
      await store.begin(responseOf('r2', 1000, QUEUED), null);
      const said = ['r1', 'r2'].map((id) => ({ owner: OWNER, id, output: `["${id}"]` }));
      await store.noteProgress([...said, { owner: 'key:b', id: 'r1', output: '["foreign"]' }]);
      expect((await store.find(OWNER, 'r1'))?.response.output).toBe('["r1"]');
      expect(await store.abandoned(2001, 10)).toMatchObject([{ output: '["r1"]' }, { output: '["r2"]' }]);
      await store.commit(turnOf('r1', NEW, 1500, { ...QUEUED, status: 'completed' }));
      await store.settle(responseOf('r2', 1000, { ...QUEUED, status: 'cancelled' }), 1600, '["end"]');
      await store.noteProgress(said);
      expect(await store.find(OWNER, 'r1')).toMatchObject({ response: { output: null }, output: [{ id: 'r1-out' }] });
      expect((await store.find(OWNER, 'r2'))?.response.output).toBe('["end"]');
    });

    it('of a conversation locks it until its end', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('conv_1'), [item('first')]);
      const begin = (id: string, at: number, owner = OWNER) =>
        store.begin(responseOf(id, at, { ...QUEUED, owner, leaseUntil: at + 1000 }), 'conv_1');
      expect([await begin('r1', 1000), await begin('r2', 1500)]).toEqual(['begun', 'locked']);
      expect(await begin('r3', 1500, 'key:b')).toBe('missing');
      expect(await store.find(OWNER, 'r2')).toBeNull();
      expect((await store.conversation(OWNER, 'conv_1', 1500))?.running).toBe('r1');
      expect(await store.addItems(OWNER, 'conv_1', [item('between')], 1500)).toBe('locked');
      const place = { kind: 'conversation', thread: 'conv_1', turn: 1 } as const;
      expect(await store.commit(turnOf('r1', place, 1700, { ...QUEUED, status: 'completed' }))).toBe('committed');
      const { items } = await store.contextUpTo(OWNER, 'conv_1', 1_000_000);
      expect(idsIn(items)).toEqual(['first', 'r1-in', 'r1-out']);
      // A lock whose lease is over is none.
      expect([await begin('r4', 2000), await begin('r5', 3001)]).toEqual(['begun', 'begun']);
    });

    it('of a conversation that was deleted meanwhile has nowhere to go', async () => {
      const store = await openThreads(createUrl);
      await store.createConversation(conversationOf('conv_1'), []);
      await store.begin(responseOf('r1', 1000, QUEUED), 'conv_1');
      await store.removeConversation(OWNER, 'conv_1');
      const place = { kind: 'conversation', thread: 'conv_1', turn: 1 } as const;
      expect(await store.commit(turnOf('r1', place, 1500, { ...QUEUED, status: 'completed' }))).toBe('gone');
    });

    it('keeps its events, in order, until they expire', async () => {
      const store = await openThreads(createUrl);
      const events = Array.from({ length: 120 }, (_, seq) => ({ seq, data: `event ${seq}` }));
      await store.appendEvents(OWNER, 'r1', events.slice(0, 60), 2000);
      // Once more, where the answer of the first try was lost.
      await store.appendEvents(OWNER, 'r1', events, 2000);
      expect(await store.eventsAfter(OWNER, 'r1', 117, 10)).toEqual(events.slice(118));
      expect(await store.eventsAfter(OWNER, 'r1', -1, 2)).toEqual(events.slice(0, 2));
      expect(await store.eventsAfter('key:b', 'r1', -1, 2)).toEqual([]);
      expect(await store.purge(2001, 100)).toBe(true);
      expect(await store.purge(2001, 100)).toBe(false);
      expect(await store.eventsAfter(OWNER, 'r1', -1, 2)).toEqual([]);
    });
  });
});
