import { hash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewItem } from '../../src/conversations/records.ts';
import { textOf } from '../../src/database/operation.ts';
import { blobsIn } from './kept-blobs.ts';
import { commitChild, contextIds, ENGINES, item, OWNER, openThreads, turnOf } from './threads.ts';

const NEW = { kind: 'new' } as const;
const PAGE = { limit: 10, order: 'asc', after: null } as const;
const DAY = 86_400_000;
/** 90,000 bytes, which base64 makes 120,000. */
const PICTURE = randomBytes(90_000).toString('base64');
const OTHER = randomBytes(60_000).toString('base64url');

function picture(id: string, data = PICTURE): NewItem {
  const content = [{ type: 'input_image', image_url: `data:image/png;base64,${data}`, detail: 'auto' }];
  return { ...item(id), body: JSON.stringify({ id, type: 'message', content }) };
}

function generated(id: string, result = OTHER): NewItem {
  return { ...item(id, 'image_generation_call'), body: JSON.stringify({ id, status: 'completed', result }) };
}

function conversationOf(id: string, at = 1000, owner = OWNER) {
  return { owner, id, metadata: '{}', title: '', at };
}

/** Stands for a text, so that a test that fails does not print all of it. */
function short(text: string | Uint8Array): string {
  return hash('sha256', textOf(text));
}

function bodiesOf(items: readonly { body: string }[] | undefined) {
  return items?.map(({ body }) => short(body));
}

function listOf(items: readonly { body: string }[]): string {
  return `[${items.map(({ body }) => body).join(',')}]`;
}

describe.each(ENGINES)('large data of items on %s', (_name, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('a picture', () => {
    it('is kept once however often it is said, and is whole wherever it is read', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const input = [picture('p1'), item('said'), picture('p2')];
      await store.commit({ ...turnOf('r1', NEW), input, output: [{ ...generated('g1'), state: 'a "seal"' }] });
      await store.commit({ ...turnOf('r2', { kind: 'child', thread: 'thr_r1', turn: 0 }), input: [picture('p3')] });
      expect(await blobsIn(url)).toEqual([
        { owner: OWNER, bytes: OTHER.length, refs: 1 },
        { owner: OWNER, bytes: PICTURE.length + 22, refs: 3 },
      ]);
      const { response, output } = (await store.find(OWNER, 'r1')) ?? {};
      if (!response) throw new Error('It is there.');
      expect([bodiesOf(output), output?.[0]?.state]).toEqual([bodiesOf([generated('g1')]), 'a "seal"']);
      const sealed = { body: `${generated('g1').body.slice(0, -1)},"encrypted_content":"a \\"seal\\""}` };
      const { items, bytes } = await store.contextOf(response, true);
      expect([short(items), bytes]).toEqual([short(listOf([...input, sealed])), listOf([...input, sealed]).length]);
      expect(short((await store.contextOf(response, false)).items)).toBe(short(listOf(input)));
      const found = await store.findItems(OWNER, ['p3', 'said', 'p1']);
      expect(bodiesOf(found)?.toSorted()).toEqual(bodiesOf([picture('p1'), item('said'), picture('p3')])?.toSorted());
      const page = await store.pageOfItems(OWNER, 'thr_r1', { ...PAGE, after: 'said' });
      expect(bodiesOf(page?.items)?.slice(0, 2)).toEqual(bodiesOf([picture('p2'), generated('g1')]));
    });

    it('is whole in a line of forks', async () => {
      const store = await openThreads(createUrl);
      await store.commit({ ...turnOf('r1', NEW), input: [picture('p1')] });
      await commitChild(store, 'r1', 'r2');
      const place = { kind: 'child', thread: 'thr_r1', turn: 0 } as const;
      await store.commit({ ...turnOf('fork', place), input: [item('ä')], output: [] });
      expect(await contextIds(store, 'fork')).toEqual(['p1', 'r1-out', 'ä']);
      const { response } = (await store.find(OWNER, 'fork')) ?? {};
      if (!response) throw new Error('It is there.');
      const { items, bytes } = await store.contextOf(response, true);
      const all = listOf([picture('p1'), item('r1-out'), item('ä')]);
      expect([short(items), bytes]).toEqual([short(all), Buffer.byteLength(all)]);
    });

    it('goes with the last response that was asked it', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.commit({ ...turnOf('r1', NEW), input: [picture('p1'), picture('p2')] });
      await store.commit({ ...turnOf('r2', NEW), input: [picture('p1')] });
      expect(await store.remove(OWNER, 'r1')).toBe(true);
      expect(await blobsIn(url)).toMatchObject([{ refs: 1 }]);
      expect(bodiesOf(await store.findItems(OWNER, ['p1']))).toEqual(bodiesOf([picture('p1')]));
      expect([await store.remove(OWNER, 'r2'), await store.remove(OWNER, 'r2')]).toEqual([true, false]);
      expect(await blobsIn(url)).toEqual([]);
    });

    it('goes with the chain that has expired', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.commit({ ...turnOf('r1', NEW, 0), input: [picture('p1')], output: [generated('g1')] });
      await store.commit({ ...turnOf('r2', NEW, DAY), input: [picture('p2')] });
      await store.purge(DAY + 10, 100);
      expect(await blobsIn(url)).toMatchObject([{ refs: 1 }]);
      await store.purge(3 * DAY, 100);
      expect(await blobsIn(url)).toEqual([]);
    });

    it('goes with the last item of a conversation, and the size with it', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.createConversation(conversationOf('c1'), [picture('p1'), item('i')]);
      await store.addItems(OWNER, 'c1', [picture('p2')], 1100);
      const full = 2 * picture('p1').body.length + item('i').body.length;
      expect(await store.conversation(OWNER, 'c1', 1100)).toMatchObject({ bytes: full, items: 3 });
      expect(short((await store.conversationItem(OWNER, 'c1', 'p2'))?.body ?? '')).toBe(short(picture('p2').body));
      await store.removeItem(OWNER, 'c1', 'p1', 1200);
      expect(await blobsIn(url)).toMatchObject([{ refs: 1 }]);
      await store.removeItem(OWNER, 'c1', 'p2', 1200);
      expect(await blobsIn(url)).toEqual([]);
      expect(await store.conversation(OWNER, 'c1', 1200)).toMatchObject({ bytes: item('i').body.length, items: 1 });
    });

    it('stays with a fork of its conversation, and goes with the last of them', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const items = [picture('p1'), generated('g1'), picture('p2')];
      await store.createConversation(conversationOf('c1'), items);
      const size = { bytes: picture('p1').body.length + generated('g1').body.length, items: 2 };
      expect(await store.forkConversation('c1', 'g1', conversationOf('c2'))).toMatchObject(size);
      expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([2, 3]);
      await store.removeConversation(OWNER, 'c1');
      expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([1, 1]);
      const page = await store.pageOfItems(OWNER, 'c2', PAGE);
      expect(bodiesOf(page?.items)).toEqual(bodiesOf(items.slice(0, 2)));
      expect(await store.purge(2000, 10, 1500)).toBe(false);
      expect([await store.conversation(OWNER, 'c2', 2000), await blobsIn(url)]).toEqual([null, []]);
    });

    it('stays in what a response answered, when its conversation goes', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.createConversation(conversationOf('c1'), []);
      const place = { kind: 'conversation', thread: 'c1', turn: 1 } as const;
      await store.commit({ ...turnOf('r1', place), input: [picture('p1')], output: [generated('g1')] });
      await store.removeConversation(OWNER, 'c1');
      const { response } = (await store.find(OWNER, 'r1')) ?? {};
      expect(short(response?.output ?? '')).toBe(short(listOf([generated('g1')])));
      expect(await blobsIn(url)).toEqual([]);
    });

    it('is each owner’s own', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.createConversation(conversationOf('c1'), [picture('p1')]);
      await store.createConversation(conversationOf('c2', 1000, 'key:b'), [picture('p1')]);
      expect(await blobsIn(url)).toMatchObject([
        { owner: OWNER, refs: 1 },
        { owner: 'key:b', refs: 1 },
      ]);
      await store.removeConversation(OWNER, 'c1');
      expect(await blobsIn(url)).toMatchObject([{ owner: 'key:b', refs: 1 }]);
      expect(bodiesOf(await store.findItems('key:b', ['p1']))).toEqual(bodiesOf([picture('p1')]));
    });

    it('is not counted by a turn that was not kept', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      await store.commit({ ...turnOf('r1', NEW), input: [picture('p1')] });
      const again = { ...turnOf('r1', NEW), newThread: 'thr_x', input: [picture('p2'), picture('p3', OTHER)] };
      await expect(store.commit(again)).rejects.toThrow();
      await expect(store.commit({ ...turnOf('r2', NEW), newThread: 'thr_r1', input: [] })).rejects.toThrow();
      expect(await blobsIn(url)).toMatchObject([{ refs: 1 }]);
    });

    it('is counted right by several at the same time', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const names = Array.from({ length: 8 }, (_, at) => `c${at}`);
      const items = [picture('p1'), picture('p2', OTHER)];
      const create = (id: string, at: number) =>
        store.createConversation(conversationOf(id), at % 2 === 0 ? items : items.toReversed());
      await Promise.all(names.map(create));
      expect((await blobsIn(url)).map(({ refs }) => refs)).toEqual([8, 8]);
      const twice = [...names, ...names].map((id) => store.removeConversation(OWNER, id));
      expect((await Promise.all(twice)).filter(Boolean)).toHaveLength(8);
      expect(await blobsIn(url)).toEqual([]);
    });
  });

  describe.skipIf(isSkipped)('an item', () => {
    it('without such data is kept as it is', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const items = [
        { ...item('words'), body: JSON.stringify({ id: 'words', text: 'many words '.repeat(10_000) }) },
        {
          ...item('list'),
          body: JSON.stringify({ id: 'list', values: Array.from({ length: 30_000 }, (_, at) => at) }),
        },
        { ...item('short'), body: JSON.stringify({ id: 'short', image_url: `data:,${'A'.repeat(65_000)}` }) },
      ];
      await store.createConversation(conversationOf('c1'), items);
      expect(await blobsIn(url)).toEqual([]);
      expect(bodiesOf((await store.pageOfItems(OWNER, 'c1', PAGE))?.items)).toEqual(bodiesOf(items));
    });

    it('comes back byte for byte, wherever its data stands', async () => {
      const url = await createUrl();
      const store = await openThreads(() => url);
      const lines = OTHER.replace(/.{76}/g, '$&\n');
      const values = [
        { data: PICTURE },
        { a: 'ä "quoted" \\', first: PICTURE, again: PICTURE, b: [OTHER, { c: lines }], '€': '\u0001\u0000\ud800' },
        [PICTURE, 'A'.repeat(65_537), ' ', 'A'.repeat(65_536), `\\"${OTHER}\\"`, `${OTHER}\\`],
        { file_data: `data:application/pdf;base64,${PICTURE}`, words: 'x y '.repeat(40_000), input: OTHER },
        PICTURE,
      ];
      const items = values.map((value, at) => ({ ...item(`i${at}`), body: JSON.stringify(value) }));
      await store.createConversation(conversationOf('c1'), items);
      expect(bodiesOf((await store.pageOfItems(OWNER, 'c1', PAGE))?.items)).toEqual(bodiesOf(items));
      const { items: context } = await store.contextUpTo(OWNER, 'c1', 0);
      expect(short(context)).toBe(short(JSON.stringify(values)));
      expect((await blobsIn(url)).length).toBeGreaterThan(4);
      await store.removeConversation(OWNER, 'c1');
      expect(await blobsIn(url)).toEqual([]);
    });
  });
});
