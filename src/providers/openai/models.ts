import type { ModelFacts } from '../../languages/dialect.ts';

/** OpenAI's words for effort, from least to most. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** True for the models that think: o-series, gpt-5 and later. They refuse many parameters of the older ones. */
export function isReasoningModel(upstream: string): boolean {
  if (upstream.includes('-chat')) return false;
  return /^o\d/.test(plainId(upstream)) || versionOf(upstream) >= 500;
}

/** True for models that chat completions does not serve at all (pro, codex, deep research). */
export function isResponsesOnly(upstream: string): boolean {
  return isReasoningModel(upstream) && /-(pro|codex|deep-research)(-|$)/.test(upstream);
}

/** True for the models that search by themselves, in chat completions only. */
export function isSearchModel(upstream: string): boolean {
  return /-search(-|$)/.test(plainId(upstream));
}

/** Where the registry does not say: from gpt-5.4 on, chat completions takes function tools only without reasoning. */
export function wantsToolsAtResponses(facts: ModelFacts, effort: string | null): boolean {
  if (facts.toolsEndpoint !== null) return facts.toolsEndpoint === 'responses';
  if (!isReasoningModel(facts.upstream) || versionOf(facts.upstream) < 504) return false;
  return effort !== 'none' || refusesNone(facts);
}

/** The efforts that the model takes; null when they are not known. */
export function effortsOf(facts: ModelFacts): readonly string[] | null {
  if (facts.reasoningEfforts !== null) return facts.reasoningEfforts;
  return refusesNone(facts) ? ['low', 'medium', 'high', 'xhigh', 'max'] : null;
}

function refusesNone({ upstream, reasoningEfforts }: ModelFacts): boolean {
  if (reasoningEfforts !== null) return !reasoningEfforts.includes('none');
  return /^gpt-6(-astra|\.1-sol|\.2-)/.test(plainId(upstream));
}

/** `gpt-5.4-mini` is 504; 0 for ids without a version. */
function versionOf(upstream: string): number {
  const match = /^gpt-(\d+)(?:\.(\d+))?(?=-|$)/.exec(plainId(upstream));
  return match ? Number(match[1]) * 100 + Number(match[2] ?? 0) : 0;
}

/** Fine-tuned models carry the id of their base. */
function plainId(upstream: string): string {
  return upstream.replace(/^ft:/, '').replace(/:.*$/, '');
}
