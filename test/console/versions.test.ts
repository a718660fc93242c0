import { describe, expect, it } from 'vitest';
import { versionMetadata, versionsAt } from '../../console/src/answer/versions.ts';
import { familyOf, onePerFamily } from '../../console/src/feed/families.ts';
import type { Thread } from '../../console/src/feed/threads.ts';

const FIRST: Thread = { id: 'first', created_at: 1, metadata: { title: 'T', family: 'f' } };
let clock = 1000;

function version(id: string, of: Thread, at: string): Thread {
  return { id, created_at: 1, metadata: { title: 'T', ...versionMetadata(of, at, clock++) } };
}

const again = version('again', FIRST, 'q1');
const third = version('third', again, 'q1');
/** Of a later question of the second version. */
const later = version('later', again, 'q2');
const family = [third, later, again, FIRST];

describe('the versions of an answer', () => {
  it('is one where nothing was asked anew', () => {
    expect(versionsAt([FIRST], 'first', 'q1')).toEqual(['first']);
    expect(versionsAt(family, 'first', null)).toEqual(['first']);
  });

  it('are the first and those made of it, by age, from wherever they are looked at', () => {
    for (const { id } of [FIRST, again, third])
      expect(versionsAt(family, id, 'q1')).toEqual(['first', 'again', 'third']);
  });

  it('stand as the conversation that is shown, where a later question was asked anew', () => {
    expect(versionsAt(family, 'later', 'q1')).toEqual(['first', 'later', 'third']);
    expect(versionsAt(family, 'later', 'q2')).toEqual(['again', 'later']);
    expect(versionsAt(family, 'again', 'q2')).toEqual(['again', 'later']);
  });

  it('lead to none that was erased', () => {
    expect(versionsAt([again, third], 'third', 'q1')).toEqual(['again', 'third']);
  });

  it('lead to the first also where the console did not make it', () => {
    const foreign: Thread = { id: 'api', created_at: 1, metadata: null };
    const made = version('made', foreign, 'start');
    expect(familyOf(made)).toBe('api');
    expect(versionsAt([made], 'made', 'start')).toEqual(['api', 'made']);
  });

  it('are one in the list, the one used last', () => {
    const other: Thread = { id: 'other', created_at: 2, metadata: null };
    expect(onePerFamily([third, other, again, FIRST]).map(({ id }) => id)).toEqual(['third', 'other']);
  });
});
