/** Something that can be gone to or done by its name. */
export interface Command {
  readonly kind: 'Page' | 'Conversation' | 'Model' | 'Setting';
  readonly title: string;
  /** Where it leads, below `/console`; or what it does. */
  readonly act: string | (() => void);
}

/** More would not be read. */
const MAX_SHOWN = 12;
/** Of what there may be hundreds, so many are offered before anything is written. */
const MAX_UNASKED: Readonly<Partial<Record<Command['kind'], number>>> = { Conversation: 5, Model: 0 };

/** The commands that have all words in their title, those that begin with them first; without words a few of each kind. */
export function commandsFor(words: string, commands: readonly Command[]): readonly Command[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return commands.filter(isOffered);
  const found = commands.filter(({ title }) => hasAll(title.toLowerCase(), wanted.split(/\s+/)));
  const [first, later] = [true, false].map((begins) =>
    found.filter(({ title }) => title.toLowerCase().startsWith(wanted) === begins),
  );
  return [...(first ?? []), ...(later ?? [])].slice(0, MAX_SHOWN);
}

function isOffered({ kind }: Command, at: number, all: readonly Command[]): boolean {
  const before = all.slice(0, at).filter((one) => one.kind === kind).length;
  return before < (MAX_UNASKED[kind] ?? MAX_SHOWN);
}

function hasAll(title: string, words: readonly string[]): boolean {
  return words.every((word) => title.includes(word));
}
