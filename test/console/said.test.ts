import { describe, expect, it } from 'vitest';
import { NO_PARTS } from '../../console/src/answer/parts.ts';
import { type Said, START, saidOf, withOlder, withStored } from '../../console/src/answer/said.ts';

const item = (id: string, role: string, text: string) => ({ id, type: 'message', role, content: text });
const ITEMS = [
  item('q1', 'user', 'One?'),
  { id: 'r1', type: 'reasoning' },
  item('a1', 'assistant', 'One.'),
  item('q2', 'user', 'Two?'),
  item('a2', 'assistant', 'Two.'),
];
const places = (said: readonly Said[]) => said.map(({ id, before }) => [id, before]);
const fresh = (role: Said['role'], text: string, before: string | null = null): Said => ({
  ...{ key: `new ${text}`, id: null, before, role, text },
  ...{ files: [], ...NO_PARTS, turn: null },
});

describe('thoughts without words', () => {
  const thought = { id: 'r9', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] };

  it('are an answer, at the end as before the next question', () => {
    const [question, next] = [item('q1', 'user', 'One?'), item('q2', 'user', 'Two?')];
    for (const items of [
      [question, thought],
      [question, thought, next],
    ])
      expect(saidOf(items, START)[1]).toMatchObject({ role: 'assistant', id: 'r9', text: '', reasoning: 'Hm.' });
  });

  it('belong to the words that come with the next page', () => {
    const said = withOlder(saidOf([thought], START), saidOf([item('a1', 'assistant', 'One.')], null), 'r9');
    expect(said).toMatchObject([{ id: 'a1', before: 'r9', text: 'One.', reasoning: 'Hm.' }]);
  });
});

describe('what was said', () => {
  it('knows the item before each, also one that says nothing', () => {
    const expected = [
      ['q1', START],
      ['a1', 'r1'],
      ['q2', 'a1'],
      ['a2', 'q2'],
    ];
    expect(places(saidOf(ITEMS, START))).toEqual(expected);
  });

  it('is the same whether it is read at once or by pages', () => {
    for (let cut = 1; cut < ITEMS.length; cut++) {
      const newer = saidOf(ITEMS.slice(cut), null);
      const older = saidOf(ITEMS.slice(0, cut), START);
      expect(withOlder(older, newer, ITEMS[cut - 1]?.id ?? null)).toEqual(saidOf(ITEMS, START));
    }
  });

  it('gets ids and whole words from the store, and keeps its keys', () => {
    const shown = [...saidOf(ITEMS.slice(0, 3), START), fresh('user', 'Two?', 'a1'), fresh('assistant', 'Tw')];
    const settled = withStored(shown, saidOf(ITEMS.slice(2), null));
    expect(places(settled)).toEqual(places(saidOf(ITEMS, START)));
    expect(settled.at(-1)).toMatchObject({ text: 'Two.', key: 'new Tw' });
  });

  it('gets no id of something else: what failed is not stored', () => {
    const shown = [...saidOf(ITEMS, START), fresh('user', 'Three?', 'a2'), fresh('assistant', 'It broke')];
    expect(withStored(shown, saidOf(ITEMS, START))).toEqual(shown);
  });

  it('does not take the answer before for one that ended before its first word', () => {
    const shown = [...saidOf(ITEMS, START), fresh('user', 'Three?', 'a2'), fresh('assistant', '')];
    expect(withStored(shown, saidOf(ITEMS, START))).toEqual(shown);
  });
});
