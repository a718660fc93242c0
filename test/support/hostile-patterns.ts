/** Numbers from 0 to 1 that are the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ATOMS = 'a b c k s . \\w \\s \\d \\W \\S [ab] [^a] [a-c] [\\s\\S] \\p{L} \\p{Lu} é [^\\s] \\u{1F600} [é-ü]'.split(
  ' ',
);
const WORDS = 'foo fix code news aa ab aab ba is in it'.split(' ');
const REPETITIONS = '* + ? {0,3} {0,9} {0,40} {0,60} {1,80} {2,} {3} {0,200} *? +? ?? {2,4} {0,60}?'.split(' ');
const LOOKS = ['(?=', '(?!', '(?<=', '(?<!'];
const ASSERTIONS = ['\\b', '\\b', '^', '$', '\\B'];

/** Patterns of all that the grammar has, good for the flags `iu`: many of them slow on some message. */
export function createPatterns(seed: number, count: number): string[] {
  const random = createRandom(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const make = (depth: number): string => {
    const dice = random();
    if (depth <= 0 || dice < 0.25) return pick(ATOMS);
    if (dice < 0.35) return pick(WORDS);
    if (dice < 0.55) return pick(ATOMS) + pick(REPETITIONS);
    if (dice < 0.7) return `(${make(depth - 1)}|${make(depth - 1)}${random() < 0.5 ? `|${make(depth - 1)}` : ''})`;
    if (dice < 0.8) return `(?:${make(depth - 1)})${pick(REPETITIONS)}`;
    if (dice < 0.84) return `${pick(LOOKS)}${make(depth - 1)})`;
    if (dice < 0.88) return pick(ASSERTIONS);
    if (dice < 0.9) return `(\\w${pick(['', '+', '{0,5}'])})${pick(['', 'x'])}\\1`;
    return make(depth - 1) + make(depth - 1);
  };
  const patterns: string[] = [];
  while (patterns.length < count) {
    const pattern = Array.from({ length: 1 + Math.floor(random() * 4) }, () => make(2)).join('');
    if (isGood(pattern)) patterns.push(pattern);
  }
  return patterns;
}

function isGood(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'iu').source !== '';
  } catch {
    return false;
  }
}

const PIECES = [
  'a',
  'b',
  'c',
  'k',
  's',
  ' ',
  '1',
  '!',
  'foo',
  'fix ',
  'code ',
  'news',
  'aab',
  'ab ',
  'aa ',
  'ba',
  'is ',
];
const BEYOND_ASCII = ['é', 'ſ', '😀', 'aſ', 'éx', 'Ā'];

/** Messages as long as is looked at, of a few pieces over and over, some with an end that does not fit. */
export function createMessages(seed: number, count: number, isAscii: boolean): string[] {
  const random = createRandom(seed + 1);
  const pieces = isAscii ? PIECES : [...PIECES, ...BEYOND_ASCII];
  const pick = (): string => pieces[Math.floor(random() * pieces.length)] ?? '';
  return Array.from({ length: count }, () => {
    const [first, second, third] = [pick(), pick(), pick()];
    const text = [
      first.repeat(501),
      (first + second).repeat(501),
      (first + second + third).repeat(501),
      first.repeat(250).slice(0, 250) + second.repeat(251),
    ][Math.floor(random() * 4)];
    return random() < 0.5 ? `${(text ?? '').slice(0, 500)}!` : (text ?? '').slice(0, 501);
  });
}
