import { brokenJson, failingProvider, manyValues, oddEncoding, oddWords, wrongTypes } from './bodies.ts';
import type { Dice } from './dice.ts';
import { oddHeaders, oddHost, oddId, oddMethod, oddOrigin, oddQuery, oddTarget } from './heads.ts';
import type { Shot } from './shot.ts';
import { brokenFraming, garbage, halfSent, pipelined, takenUp } from './wires.ts';

/** Every class of hostile request, in turn; one that has more to vary comes more often. */
export const CLASSES: readonly (readonly [name: string, make: (dice: Dice) => Shot])[] = [
  ['methods', oddMethod],
  ['targets', oddTarget],
  ['hosts', oddHost],
  ['origins', oddOrigin],
  ['headers', oddHeaders],
  ['queries', oddQuery],
  ['ids', oddId],
  ['types and encodings', oddEncoding],
  ['broken JSON', brokenJson],
  ['deep and wide JSON', manyValues],
  ['wrong types', wrongTypes],
  ['wrong types', wrongTypes],
  ['wrong types', wrongTypes],
  ['odd words', oddWords],
  ['odd words', oddWords],
  ['broken framing', brokenFraming],
  ['garbage', garbage],
  ['half-sent', halfSent],
  ['pipelined', pipelined],
  ['taken up', takenUp],
  ['failing provider', failingProvider],
];
