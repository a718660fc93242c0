import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../src/protocol/labels.ts';

const NONE = { user: null, metadata: null };

describe('user and metadata of a request', () => {
  it('are kept unchanged within the limits', () => {
    const metadata = { team: 'search', run: '7' };
    expect(labelsOf({ user: 'ann', metadata })).toEqual({ user: 'ann', metadata });
    expect(labelsOf({ metadata })).toEqual({ user: null, metadata });
  });

  it.each([
    [{}],
    [{ user: null, metadata: null }],
    [{ user: 7, metadata: 'x' }],
    [{ metadata: {} }],
    [{ metadata: [1] }],
  ])('are empty in %j', (request) => {
    expect(labelsOf(request)).toEqual(NONE);
  });

  it('allocate nothing for a request without them', () => {
    expect(labelsOf({})).toBe(labelsOf({ user: null }));
  });

  it('are truncated where they are longer, and further pairs are left out', () => {
    const pairs = Array.from({ length: 20 }, (_, at) => [`${at}`.padEnd(100, 'n'), 'v'.repeat(1000)]);
    const { user, metadata } = labelsOf({ user: 'u'.repeat(300), metadata: Object.fromEntries(pairs) });
    expect(user).toHaveLength(256);
    expect(Object.keys(metadata ?? {})).toHaveLength(16);
    for (const [name, value] of Object.entries(metadata ?? {})) expect([name.length, value.length]).toEqual([64, 512]);
  });

  it('stay valid text where a cut goes through a character (surrogate pair)', () => {
    expect(labelsOf({ user: `${'u'.repeat(255)}😀` }).user?.isWellFormed()).toBe(true);
  });

  it('leave out values that are no text, and take any name', () => {
    const metadata = JSON.parse('{"__proto__": "a", "constructor": "b", "n": 1, "o": {}}') as Record<string, unknown>;
    const kept = labelsOf({ metadata }).metadata ?? {};
    expect(Object.entries(kept)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});
