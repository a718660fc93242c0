import { describe, expect, it } from 'vitest';
import { toAsked } from '../../src/conversations/asked.ts';
import type { TurnPlace } from '../../src/conversations/records.ts';
import type { ThreadStore } from '../../src/conversations/store.ts';
import { textOf } from '../../src/database/operation.ts';
import { blobsIn } from './kept-blobs.ts';
import { commitChild, ENGINES, idsIn, item, OWNER, openThreads, responseOf, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;
const FAILED = { status: 'failed' } as const;
const RUNNING = { status: 'in_progress', worker: 'w1', leaseUntil: 2000, isBackground: true } as const;

async function askedOf(store: ThreadStore, id: string): Promise<readonly string[] | string> {
  const found = await store.find(OWNER, id);
  if (found === null) return 'unknown';
  const { items, count, missing } = await store.contextOf(found.response, false);
  if (missing !== null) return `without ${missing}`;
  expect(idsIn(items)).toHaveLength(count);
  return idsIn(items);
}

async function fail(store: ThreadStore, id: string, place: TurnPlace): Promise<void> {
  await store.settle(responseOf(id, 1000, FAILED), 1100, '[]', toAsked([item(`${id}-in`)], place));
}

describe.each(ENGINES)('what a response was asked that joins no thread, on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('it', () => {
    it('is kept with it, byte for byte, and is no item of its owner', async () => {
      const store = await openThreads(createUrl);
      const odd = { ...item('r1-in'), body: '{"id":"r1-in","n":1.50,"n":12345678901234567890}' };
      await store.settle(responseOf('r1', 1000, FAILED), 1100, '[]', toAsked([odd, item('more')], NEW));
      const { response } = (await store.find(OWNER, 'r1')) ?? {};
      if (!response) throw new Error('It is there.');
      expect(await store.contextOf(response, false)).toMatchObject({ items: `[${odd.body},${item('more').body}]` });
      expect(idsIn((await store.contextOf(response, true)).items)).toEqual([]);
      expect(await store.findItems(OWNER, ['r1-in'])).toEqual([]);
      expect(await store.contextOf({ ...response, owner: 'key:b' }, false)).toMatchObject({ count: 0 });
    });

    it('stands behind what was said before, of which no client sees what is sealed', async () => {
      const store = await openThreads(createUrl);
      await store.commit({ ...turnOf('r1', NEW), output: [{ ...item('r1-out'), state: 'sealed' }] });
      await fail(store, 'r2', { kind: 'child', thread: 'thr_r1', turn: 0 });
      // Another child of the same parent is none of its affairs.
      await commitChild(store, 'r1', 'other');
      expect(await askedOf(store, 'r2')).toEqual(['r1-in', 'r1-out', 'r2-in']);
      const found = await store.find(OWNER, 'r2');
      if (found === null) throw new Error('It is there.');
      expect(textOf((await store.contextOf(found.response, false)).items)).not.toContain('sealed');
      await store.remove(OWNER, 'r1');
      expect(await askedOf(store, 'r2')).toBe('without r1');
    });

    it('is there from the beginning of one that outlives its client, until that has a turn', async () => {
      const store = await openThreads(createUrl);
      await store.begin(responseOf('r1', 1000, RUNNING), null, null, toAsked([item('r1-in')], NEW));
      expect(await askedOf(store, 'r1')).toEqual(['r1-in']);
      await store.commit(turnOf('r1', NEW, 1500, { ...RUNNING, status: 'completed' }));
      expect(await askedOf(store, 'r1')).toEqual(['r1-in']);
      await store.begin(responseOf('r2', 1000, RUNNING), null, null, toAsked([item('r2-in')], NEW));
      await store.settle(responseOf('r2', 1000, { ...RUNNING, ...FAILED }), 1100, '[]');
      expect(await askedOf(store, 'r2')).toEqual(['r2-in']);
    });

    it('is erased when its response expires, and with its last copy its large data, which is kept once', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const body = JSON.stringify({
        id: 'p',
        type: 'message',
        image_url: `data:image/png;base64,${'A'.repeat(90_000)}`,
      });
      const input = [{ ...item('p'), body }, item('said'), { ...item('p'), body }];
      const refs = async () => (await blobsIn(url)).map((blob) => blob.refs);
      await store.begin(responseOf('r1', 1000, RUNNING), null, null, toAsked(input, NEW));
      const { response } = (await store.find(OWNER, 'r1')) ?? {};
      if (!response) throw new Error('It is there.');
      expect(textOf((await store.contextOf(response, false)).items)).toBe(
        `[${input.map((one) => one.body).join(',')}]`,
      );
      expect(await refs()).toEqual([2]);
      await store.commit({ ...turnOf('r1', NEW, 1500, { ...RUNNING, status: 'completed' }), input });
      expect(await refs()).toEqual([2]);
      await store.settle(responseOf('r2', 1000, FAILED), 1100, '[]', toAsked(input, NEW));
      expect(await refs()).toEqual([4]);
      await store.purge(2000 + 86_400_000, 100);
      expect(await refs()).toEqual([]);
    });

    it('is erased with its response', async () => {
      const store = await openThreads(createUrl);
      await fail(store, 'r1', NEW);
      const found = await store.find(OWNER, 'r1');
      if (found === null) throw new Error('It is there.');
      expect(await store.remove(OWNER, 'r1')).toBe(true);
      expect(await store.contextOf(found.response, false)).toMatchObject({ count: 0 });
    });

    it('is erased with its conversation', async () => {
      const store = await openThreads(createUrl);
      const conversation = { owner: OWNER, id: 'conv_1', metadata: '{}', title: '', at: 500 };
      await store.createConversation(conversation, [item('first')]);
      await fail(store, 'r1', { kind: 'conversation', thread: 'conv_1', turn: 1 });
      await store.addItems(OWNER, 'conv_1', [item('later')], 1200);
      expect(await askedOf(store, 'r1')).toEqual(['first', 'r1-in']);
      const found = await store.find(OWNER, 'r1');
      if (found === null) throw new Error('It is there.');
      await store.removeConversation(OWNER, 'conv_1');
      expect(textOf((await store.contextOf(found.response, false)).items)).not.toContain('r1-in');
    });
  });
});
