/** How a model answers that was told to go on, where it knows the whole text and how much of it the client has. */
export type Behaviour = (whole: string, told: string, random: () => number) => string;

const APOLOGIES = [
  'Sure, here is the rest:\n\n',
  'Sorry for the interruption. ',
  'I apologize for the cut-off. Continuing from where I left off:\n\n',
  'Continuing: ',
  'Natürlich, hier ist der Rest:\n',
  'Bien sûr, voici la suite : ',
  'Claro, aquí está el resto: ',
  '好的，以下是剩余内容：',
  'Конечно, вот продолжение:\n\n',
] as const;

/** The last words of what was told, beginning at a word, and the rest. */
function fromWords(whole: string, told: string, count: number): string {
  const words = [...told.trimEnd().matchAll(/\S+/g)];
  return whole.slice(words.at(-count)?.index ?? 0);
}

function apology(random: () => number): string {
  return APOLOGIES[Math.floor(random() * APOLOGIES.length)] ?? APOLOGIES[0];
}

/** Every way in which a scripted model goes on; `different` never says the true text. */
export const BEHAVIOURS = {
  exact: (whole, told) => whole.slice(told.length),
  trimmed: (whole, told) => whole.slice(told.length).trimStart(),
  'repeats words': (whole, told, random) => fromWords(whole, told, 1 + Math.floor(random() * 12)),
  'repeats as asked': (whole, told) => fromWords(whole, told, 7),
  'repeats the sentence': (whole, told) =>
    whole.slice(told.trimEnd().includes('. ') ? told.trimEnd().lastIndexOf('. ') + 2 : 0),
  'begins anew': (whole) => whole,
  'apologises and goes on': (whole, told, random) => apology(random) + whole.slice(told.length),
  'apologises and trims': (whole, told, random) => apology(random) + whole.slice(told.length).trimStart(),
  'apologises and repeats': (whole, told, random) => apology(random) + fromWords(whole, told, 7),
  'apologises and begins anew': (whole, _told, random) => apology(random) + whole,
  'reopens the code': (whole, told) => `\`\`\`ts\n${fromWords(whole, told, 5)}`,
  'puts dots before it': (whole, told) => `...${fromWords(whole, told, 5)}`,
  different: () => 'Oceans are at rest. Nobody sails, and the moon is nowhere to be found this evening.',
  'different, alike': (whole) =>
    `${whole.slice(0, 12)}, however, something else altogether is what I would rather say.`,
  refuses: () => "I'm sorry, but I can't continue that message: I do not remember it.",
} as const satisfies Record<string, Behaviour>;
