import { describe, expect, it } from 'vitest';
import { createChance } from '../../lab/chance.ts';
import { findSeam } from '../../src/routing/seam.ts';
import { BEHAVIOURS, type Behaviour } from '../support/continuations.ts';

const PROSE =
  'The sea is calm to-night. The tide is full, the moon lies fair upon the straits; on the French coast the light ' +
  'gleams and is gone.\n\nThe cliffs of England stand, glimmering and vast, out in the tranquil bay. Come to the ' +
  'window, sweet is the night-air! Only, from the long line of spray where the sea meets the moon-blanched land, ' +
  '"Listen!" you hear the grating roar (of pebbles) which the waves draw back, 3 times in 10.5 minutes, and fling.';
const LIST =
  'Here is how to make tea:\n\n1. Boil **fresh water**, about 300 ml.\n2. Warm the pot, and pour the water away.\n' +
  '3. Put in the leaves: one spoon for each cup.\n   - black tea: 4 minutes\n   - green tea: 2 minutes\n\n' +
  '| tea | minutes |\n| --- | --- |\n| black | 4 |\n| green | 2 |\n\nEnjoy!';
const CODE =
  'Use a loop:\n\n```ts\nexport function sum(list: readonly number[]): number {\n  let total = 0;\n' +
  '  for (const entry of list) {\n    total += entry;\n  }\n  return total;\n}\n```\n\nCall it with `sum([1, 2])`: it is 3.';
const GERMAN =
  'Das Meer liegt heute still. Die Flut steht hoch, der Mond scheint hell über der Küste; drüben glänzt ein Licht und ' +
  'verschwindet. Komm ans Fenster: die Nachtluft ist süß, und man hört die Brandung an den Klippen schlagen.';
const CHINESE =
  '今晚的海面很平静。潮水已满，月亮明亮地照在海峡上。法国海岸的灯光闪烁了一下便消失了，英格兰的悬崖静静地矗立着。';
const SMALL =
  'the sea is calm to-night, and the tide is full. the moon lies fair upon the straits, on the french coast.';
const TEXTS = { PROSE, LIST, CODE, GERMAN, CHINESE, SMALL };

/** What the client has in the end, of an answer that comes in pieces; null for an honest error. */
function join(sent: string, said: string, random: () => number): string | null {
  let at = 0;
  while (at < said.length) {
    at = Math.min(said.length, at + 1 + Math.floor(random() * 9));
    const seam = findSeam(sent, said.slice(0, at), false);
    if (seam.kind === 'unsure') return null;
    if (seam.kind === 'sure') return sent + seam.text + said.slice(at);
  }
  const seam = findSeam(sent, said, true);
  return seam.kind === 'sure' ? sent + seam.text : null;
}

/** The share of a text's cuts that end with the whole of it; fails where one ends with anything but that or an error. */
function shareOf(whole: string, behave: Behaviour): number {
  const random = createChance(7);
  let joins = 0;
  for (let cut = 1; cut < whole.length; cut++) {
    const sent = whole.slice(0, cut);
    const said = behave(whole, sent, random);
    const joined = join(sent, said, random);
    // An answer that is to the letter what was sent, and then goes on, is a whole one as well.
    if (joined !== null && joined !== whole && collapse(joined) !== collapse(said))
      expect({ sent, said, joined }).toBe('one text');
    if (joined !== null) joins++;
  }
  return joins / (whole.length - 1);
}

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The least share, over all texts, of cuts that are mended; the others end in an error. */
const LEAST: Readonly<Record<keyof typeof BEHAVIOURS, number>> = {
  exact: 0.2,
  trimmed: 0.12,
  'repeats words': 0.8,
  'repeats as asked': 0.95,
  'repeats the sentence': 0.85,
  'begins anew': 1,
  'apologises and goes on': 0.2,
  'apologises and trims': 0.12,
  'apologises and repeats': 0.95,
  'apologises and begins anew': 0.98,
  'reopens the code': 0.1,
  'puts dots before it': 0.85,
  different: 0,
  'different, alike': 0,
  refuses: 0,
};

describe('the seam of a continued answer (rescue) at any place of a text', () => {
  it.each(Object.entries(BEHAVIOURS))('makes one text or an error of a model that does this: %s', (name, behave) => {
    const shares = Object.values(TEXTS).map((text) => shareOf(text, behave));
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThanOrEqual(LEAST[name as keyof typeof BEHAVIOURS]);
    if (name === 'different' || name === 'refuses') expect(mean).toBe(0);
  });
});

describe('the seam of a continued answer (rescue)', () => {
  it.each([
    ['its own space', 'The sea is', ' calm to-night, and so on.', ' calm to-night, and so on.'],
    ['a space already sent', 'The sea is ', ' calm to-night, and so on.', 'calm to-night, and so on.'],
    ['no space after one', 'The sea is ', 'calm to-night, and so on.', 'calm to-night, and so on.'],
    ['a mark', 'The sea is calm', ', and the tide is full.', ', and the tide is full.'],
    ['no space after a comma', 'The sea is calm,', 'and the tide is full.', ' and the tide is full.'],
    ['the end of a word sent before', 'The sea meets the se', 'a, and the tide is full.', 'a, and the tide is full.'],
    ['the last words', 'The sea is calm', 'sea is calm to-night.', ' to-night.'],
    [
      'the last word, of which a part was sent',
      'The sea is in the straits, the str',
      'in the straits, the straits are',
      'aits are',
    ],
    ['the last words and the line break', 'One is this.\nTwo\n', 'is this.\nTwo\nThree', 'Three'],
    ['a space where a line break was sent', 'Line one is this.\n', 'one is this. Line two', 'Line two'],
    ['an announcement', 'The sea is calm', 'Sure, here is the rest:\n\nsea is calm to-night.', ' to-night.'],
    ['two sentences of apology', 'The sea is calm', 'Sorry! Continuing: The sea is calm to-night.', ' to-night.'],
    ['dots', 'The sea is calm', '...sea is calm to-night.', ' to-night.'],
    ['the code block again', 'So:\n```ts\nconst total = first', '```ts\nconst total = first + 2;\n```', ' + 2;\n```'],
  ])('is found by %s', (_name, sent, said, text) => {
    expect(findSeam(sent, said, true)).toMatchObject({ kind: 'sure', text });
  });

  it.each([
    ['a word, or the rest of one', 'The sea is in', 'form and void of everything.'],
    ['a capital in the middle', 'The sea is', ' Calm waters are what I like.'],
    ['a new sentence', 'The sea is calm.', 'The tide is full, and so on.'],
    ['the same first word', 'The sea is', ' The ocean is at rest.'],
    ['words that stand twice', 'Row, row, row', 'row, row your boat, gently.'],
    ['an apology alone', 'The sea is', "I'm sorry, I cannot do that."],
    ['an apology in small letters', 'The sea is ', 'sorry, here is the rest: calm'],
    ['a part of the same words, and its end', 'The sea is calm', 'The sea'],
    ['code without indentation', 'So:\n```ts\nlet a;\n', 'let b;\nlet c;\n```'],
    ['text in a script without capitals', '今晚的海面很平', '静。潮水已满，月亮明亮地照在海峡上。'],
  ])('is not sure by %s', (_name, sent, said) => {
    expect(findSeam(sent, said, true)).toEqual({ kind: 'unsure' });
  });

  it('is given up after a limit', () => {
    const sent = `The sea is calm ${'x'.repeat(50)}`;
    expect(findSeam(sent, sent.slice(0, 60), false)).toEqual({ kind: 'open' });
    expect(findSeam(sent, ' '.repeat(3000), false)).toEqual({ kind: 'unsure' });
  });

  it('takes no time to look into a text that repeats itself', () => {
    const sent = 'la '.repeat(100_000);
    expect(findSeam(sent, 'la '.repeat(1000), false)).toEqual({ kind: 'unsure' });
  });
});
