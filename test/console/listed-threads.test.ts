import { describe, expect, it } from 'vitest';
import type { ThreadPage } from '../../console/src/feed/threads.ts';
import { noteErased, withNewest, withOlder } from '../../console/src/pages/chat/listed-threads.ts';

/** Conversations by name and time: `a9` was used later than `b8`. */
const pageOf = (names: string, has_more: boolean): ThreadPage => ({
  data: names.split(' ').map((name) => ({
    ...{ id: name.slice(0, 1), updated_at: Number(name.slice(1)) },
    ...{ created_at: 0, metadata: null, running: null },
  })),
  has_more,
});
const namesOf = ({ data }: ThreadPage) => data.map(({ id, updated_at: at }) => `${id}${at}`).join(' ');

describe('a list of conversations in pages', () => {
  it('has an older page behind it, and each once', () => {
    const shown = withOlder(pageOf('a9 b8 c7', true), pageOf('c7 d6 e5', false));
    expect([namesOf(shown), shown.has_more]).toEqual(['a9 b8 c7 d6 e5', false]);
  });

  it('keeps its older ones, and what a new one pushes off the first page', () => {
    const shown = withNewest(pageOf('a9 b8 c7 d6 e5', true), pageOf('x10 a9 b8', true));
    expect([namesOf(shown), shown.has_more]).toEqual(['x10 a9 b8 c7 d6 e5', true]);
  });

  it('has an older one that was used again at its beginning alone', () => {
    expect(namesOf(withNewest(pageOf('a9 b8 c7 d6 e5', false), pageOf('e11 a9 b8', true)))).toBe('e11 a9 b8 c7 d6');
  });

  it('loses what was erased, elsewhere or on this page', () => {
    expect(namesOf(withNewest(pageOf('a9 b8 c7 d6 e5', false), pageOf('a9 c7 d6', true)))).toBe('a9 c7 d6 e5');
    noteErased('z');
    expect(namesOf(withNewest(pageOf('a9 b8 c7 z6 e5', false), pageOf('a9 b8 c7', true)))).toBe('a9 b8 c7 e5');
  });

  it('begins anew where others may stand between its first page and the older ones', () => {
    const shown = withNewest(pageOf('a9 b8 c7 d6', false), pageOf('x13 y12 d11', true));
    expect([namesOf(shown), shown.has_more]).toEqual(['x13 y12 d11', true]);
  });

  it('is its first page where that is all there is', () => {
    expect(namesOf(withNewest(pageOf('a9 b8 c7 d6', false), pageOf('a9 d6', false)))).toBe('a9 d6');
  });
});
