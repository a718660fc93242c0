/** Signs of scripts that tokenizers cut into single signs. */
const DENSE = /[\u3000-\u9fff\uac00-\ud7af]/g;
const LETTERS_PER_TOKEN = 4;

/** About how many tokens a text is. */
export function tokensIn(text: string): number {
  const dense = text.match(DENSE)?.length ?? 0;
  return Math.ceil(dense + (text.length - dense) / LETTERS_PER_TOKEN);
}

/** Dollars for tokens of a prompt; null where the price is not known. @param perMillion dollars for a million tokens */
export function promptCost(tokens: number, perMillion: number | null): number | null {
  return perMillion === null ? null : (tokens * perMillion) / 1_000_000;
}
