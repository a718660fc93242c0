import { expect, it } from 'vitest';
import { SeenListing } from '../../console/src/answer/seen-listing.ts';

it('looks twice at each state of a conversation in the list, whose times are whole seconds', () => {
  const seen = new SeenListing();
  const first = { updated_at: 7, running: null };
  expect([1, 2, 3].map(() => seen.isNews(first))).toEqual([true, true, false]);
  expect(seen.isNews({ updated_at: 7, running: 'resp_1' })).toBe(true);
  expect([1, 2, 3, 4].map(() => seen.isNews(first))).toEqual([true, true, false, false]);
});
