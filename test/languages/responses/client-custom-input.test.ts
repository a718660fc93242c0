import { describe, expect, it } from 'vitest';
import { createChance } from '../../../lab/chance.ts';
import { CustomInput } from '../../../src/languages/responses/client-custom-input.ts';
import { growthOf } from '../../support/cpu.ts';

/** The pieces that come out of arguments which come in these. */
function told(pieces: readonly string[]): string[] {
  const input = new CustomInput();
  return [...pieces.map((piece) => input.push(piece)), input.end()];
}

const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

describe('the text in the arguments of an emulated custom tool', () => {
  it('is the same wherever they are cut, and no character is', () => {
    const units = ['a', '"', '\\', '\n', '😀', 'é', '\u0001', '/', '\\u0041', '{"input":"x"}'];
    for (let seed = 0; seed < 500; seed++) {
      const chance = createChance(seed);
      const text = Array.from({ length: chance() * 12 }, () => units[Math.floor(chance() * units.length)]).join('');
      const escaped = chance() < 0.5 ? text.length : 0;
      const body = JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) =>
        escaped ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit,
      );
      const rest = `{ "input" : ${body} }`;
      const pieces: string[] = [];
      for (let at = 0; at < rest.length; ) {
        const length = 1 + Math.floor(chance() * 5);
        pieces.push(rest.slice(at, at + length));
        at += length;
      }
      const out = told(pieces);
      expect(out.join(''), `seed ${seed}`).toBe(text);
      expect(out.filter((piece) => HALF.test(piece))).toEqual([]);
      expect(out.at(-1)).toBe('');
    }
  });

  it('is what the model wrote where it took no heed of the form', () => {
    expect(told(['*** Begin', ' Patch'])).toEqual(['', '', '*** Begin Patch']);
    expect(told(['x'.repeat(300), '{"input":"a"}']).join('')).toBe(`${'x'.repeat(300)}{"input":"a"}`);
    expect(told(['{"other":"a"}']).join('')).toBe('{"other":"a"}');
    expect(told(['{"other":1,', '"input":"a"}']).join('')).toBe('a');
    expect(told(['{"input":"a\nb"}'])).toEqual(['a\nb', '']);
    expect(told([' { } '])).toEqual(['', '']);
    expect(told([''])).toEqual(['', '']);
  });

  it('that was cut has what came whole', () => {
    expect(told(['{"input":"a\\', '']).join('')).toBe('a');
    expect(told(['{"input":"a\\ud83d']).join('')).toBe('a');
  });

  it('takes as long as it is', () => {
    const workOf = (size: number) => () =>
      told(Array.from({ length: size }, (_, at) => (at === 0 ? '{"input":"' : 'ab\\n')));
    expect(growthOf(workOf, 2000)).toBeLessThan(20);
  });
});
