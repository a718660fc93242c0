/** What the wall answers: sixty words, so that a gateway can lose some of them and a check can see it. */
export const WORDS: readonly string[] = (
  'A provider in good health proves little about the gateway in front of it. Trust begins on the bad day: ' +
  'when a socket closes in the middle of a sentence, when silence lasts longer than patience, when a busy ' +
  'signal asks for time. Then the caller should still get one whole answer, once, or one honest word about why not.'
).split(' ');

/** The whole answer. */
export const TEXT = WORDS.join(' ');

/** The same meaning in other words: a fallback that says this cannot finish what another began. */
export const OTHER_WORDS: readonly string[] =
  'Good days teach nothing about gateways; only outages show whether callers get whole answers or honest errors.'.split(
    ' ',
  );
