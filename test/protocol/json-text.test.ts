import { describe, expect, it } from 'vitest';
import { encodeSteps } from '../../src/protocol/json-text.ts';
import { atOnce } from '../../src/protocol/turns.ts';

const MB = 1024 * 1024;

describe('encodeSteps', () => {
  it.each<[string, unknown]>([
    ['nothing', null],
    ['a small value', { a: [1, 'b', null, { c: undefined }], d: '"' }],
    ['a long text full of escapes', { a: { b: ['\n"\\'.repeat(MB)] } }],
    ['a long text of characters that are pairs', `x${'😀'.repeat(MB)}`],
    ['a long text of halves of characters', '\ud800'.repeat(MB)],
    ['many small values', { list: Array.from({ length: 200_000 }, (_, at) => ({ at })), none: undefined }],
    [
      'a large object without fields',
      { a: Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [at, undefined])) },
    ],
    ['fields of long names', { ['\n'.repeat(MB)]: 1, ['__proto__']: { a: 1 } }],
  ])('writes %s as JSON.stringify does', (_name, value) => {
    const written = atOnce(encodeSteps(value));
    expect(written.equals(Buffer.from(JSON.stringify(value)))).toBe(true);
  });

  it('writes no more than about half a megabyte in one step (event loop)', () => {
    expect([...encodeSteps({ text: '\n'.repeat(4 * MB) })].length).toBeGreaterThanOrEqual(8);
    expect([...encodeSteps({ text: 'x'.repeat(900) })]).toEqual([]);
  });
});
