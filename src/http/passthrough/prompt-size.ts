import { TokenEstimate } from '../../protocol/estimate.ts';
import type { JsonRecord } from '../../protocol/json.ts';

/** Estimates are so much too low at worst. */
const MARGIN = 1.15;

/**
 * How many tokens a model has to read at most, of a body for embeddings, moderations or completions. Words are estimated;
 * what comes as numbers of tokens, `[1, 2]` or `[[1, 2], [3]]`, is counted.
 */
export function promptTokensOf(json: JsonRecord): number {
  const words: unknown[] = [];
  const tokens = countTokens(json['input'], words) + countTokens(json['prompt'], words);
  if (tokens > 0 && words.length === 0 && typeof json['suffix'] !== 'string') return tokens;
  const estimate = new TokenEstimate();
  estimate.addJson(tokens === 0 ? json : { ...json, input: words, prompt: null });
  return tokens + Math.ceil(MARGIN * estimate.tokens());
}

/** @param words takes what is no token */
function countTokens(value: unknown, words: unknown[]): number {
  if (typeof value === 'number') return 1;
  if (Array.isArray(value)) {
    let tokens = 0;
    for (const entry of value) tokens += countTokens(entry, words);
    return tokens;
  }
  if (value !== undefined && value !== null) words.push(value);
  return 0;
}
