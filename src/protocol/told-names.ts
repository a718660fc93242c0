const MAX_NAMES = 20;
const MAX_CHARS = 100;

/** Names that a client made up, as they are kept and told: they may be many, and long. */
export function toldNames(names: readonly string[]): readonly string[] {
  return names.slice(0, MAX_NAMES).map((name) => name.slice(0, MAX_CHARS).toWellFormed());
}
