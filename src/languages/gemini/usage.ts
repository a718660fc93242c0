import { type Logprobs, type TokenLogprob, toUsage, type Usage } from '../../protocol/delta.ts';
import { countOf, isRecord, type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

/**
 * `usageMetadata` as OpenAI's usage; null when it counts nothing. Cumulative: the last one of a stream counts.
 * @param searches how often Google has searched the web so far, which is billed besides
 */
export function readGeminiUsage(value: unknown, searches: number): Usage | null {
  if (!isRecord(value)) return null;
  const thoughts = countOf(value['thoughtsTokenCount']);
  const prompt = countOf(value['promptTokenCount']) + countOf(value['toolUsePromptTokenCount']);
  const completion = countOf(value['candidatesTokenCount']) + thoughts;
  if (prompt + completion === 0) return null;
  const usage = toUsage({
    prompt,
    completion,
    cached: countOf(value['cachedContentTokenCount']),
    reasoning: thoughts,
    promptAudio: audioTokens(value['promptTokensDetails']),
    completionAudio: audioTokens(value['candidatesTokensDetails']),
  });
  return searches === 0 ? usage : { ...usage, server_tool_use_details: { web_search_requests: searches } };
}

function audioTokens(details: unknown): number {
  let sum = 0;
  for (const { modality, tokenCount } of recordsOf(details)) if (modality === 'AUDIO') sum += countOf(tokenCount);
  return sum;
}

const TIERS: ReadonlyMap<string, string> = new Map([
  ['standard', 'default'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

/** The tier that served the answer, in OpenAI's words. */
export function readServiceTier(usage: unknown): string | null {
  const tier = stringOf(recordOf(usage)['serviceTier'])?.toLowerCase() ?? '';
  return TIERS.get(tier) ?? null;
}

/** `logprobsResult`: chosen tokens and their alternatives are two lists of one length. */
export function readGeminiLogprobs(value: unknown): Logprobs | null {
  const chosen = recordsOf(recordOf(value)['chosenCandidates']);
  if (chosen.length === 0) return null;
  const top = recordsOf(recordOf(value)['topCandidates']);
  const content = chosen.map(
    (token, at): TokenLogprob => ({
      ...toTokenLogprob(token),
      top_logprobs: recordsOf(top[at]?.['candidates']).map(toTokenLogprob),
    }),
  );
  return { content, refusal: null };
}

function toTokenLogprob(value: JsonRecord): Omit<TokenLogprob, 'top_logprobs'> {
  const token = stringOf(value['token']) ?? '';
  // Proto JSON leaves out a zero, which is the logarithm of certainty.
  return { token, logprob: numberOf(value['logProbability']) ?? 0, bytes: [...Buffer.from(token)] };
}
