/** What is another each time, and what stands for it. Times and figures are not among them: they go by a clock that is passed in. */
const CHANCE: readonly (readonly [pattern: RegExp, stands: string])[] = [
  // Of conversations, answers, calls, and the hashes of keys and files.
  [/\b[0-9a-f]{32,64}\b|(?<=\b(?:conv|resp)_)[0-9a-f]{48}\b|(?<=\bconsole_)\d{30,}\b/g, '‹id›'],
  [/\bsk-sl-[\w-]{3}…[\w-]{4}(?![\w-])/g, '‹secret›'],
  // Options name a key with the beginning of its hash.
  [/(?<=\()[0-9a-f]{6}(?=\))/g, '‹hash›'],
  // A use of a key is put down twice a minute, by the clock of the machine.
  [/(?<=\d \w{3} \d{4}, \d\d:\d\d:)\d\d/g, '‹s›'],
  [/(?<=\bversion )\d+\.\d+\.\d+/g, '‹version›'],
  [/(?<=: )\S+\/sluice-pictures-\w{6}(?=\/)/g, '‹folder›'],
];

/** The text with a placeholder for all that is another in each run, so that what remains can be compared. */
export function withoutChance(text: string): string {
  return CHANCE.reduce((known, [pattern, stands]) => known.replace(pattern, stands), text);
}
