import type { Dice } from './dice.ts';

/** Names that every JavaScript object knows without having been told. */
export const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'];

/** Text that has broken headers, logs, paths or look-ups somewhere. */
export const ODD_TEXTS: readonly string[] = [
  ...PROTOTYPE_NAMES,
  '',
  ' ',
  'a\r\nx-injected: 1',
  'a\nb',
  'a\u0000b',
  '\u001b[31mred',
  '\u007f\u0080\u009f',
  '\ud800',
  '\ufeff',
  '\u202egnp.exe',
  'модель',
  '模型',
  '👩‍👩‍👧‍👦',
  '../../etc/passwd',
  '%00%0d%0a',
  '$' + '{jndi:ldap://127.0.0.1:9/a}',
  "'; drop table usage; --",
  '<script>alert(1)</script>',
  'null',
  'undefined',
  'NaN',
  '-0',
  '1e309',
  'x'.repeat(257),
  'é'.repeat(2000),
];

const ODD_NUMBERS: readonly number[] = [0, -1, 1.5, 1e21, -1e308, Number.MAX_SAFE_INTEGER + 2, 5e-324];

/** Any JSON value, most of them of a type that is not wanted. */
export function oddValue(dice: Dice, depth = 0): unknown {
  const kinds = [
    () => dice.pick(ODD_TEXTS),
    () => dice.pick(ODD_NUMBERS),
    () => dice.pick([true, false, null]),
    () => [],
    () => ({}),
    () => Array.from({ length: dice.below(5) }, () => oddValue(dice, depth + 1)),
    () => oddRecord(dice, depth),
    () => ({ type: dice.pick(ODD_TEXTS) }),
  ];
  // What is nested twice is enough: nesting itself is another class.
  return dice.pick(depth > 1 ? kinds.slice(0, 3) : kinds)();
}

function oddRecord(dice: Dice, depth: number): object {
  const names = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(ODD_TEXTS));
  // Not an object literal: `__proto__` has to become a key like any other.
  return Object.fromEntries(names.map((name) => [name, oddValue(dice, depth + 1)]));
}

/** A copy that is wrong in one place: a value, a name, or one too many. */
export function mutated(dice: Dice, value: unknown): unknown {
  if (dice.happens(0.2) || typeof value !== 'object' || value === null) return oddValue(dice);
  if (Array.isArray(value)) {
    const at = dice.below(value.length + 1);
    return dice.happens(0.2) ? [...value, ...value] : value.toSpliced(at, 1, mutated(dice, value[at]));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || dice.happens(0.1)) return { ...value, ...oddRecord(dice, 0) };
  const at = dice.below(entries.length);
  const [name, old] = entries[at] as [string, unknown];
  if (dice.happens(0.1)) return Object.fromEntries(entries.toSpliced(at, 1, [dice.pick(ODD_TEXTS), old]));
  return Object.fromEntries(entries.toSpliced(at, 1, [name, mutated(dice, old)]));
}
