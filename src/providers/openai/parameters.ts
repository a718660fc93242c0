import { readReasoning } from '../../languages/chat/words.ts';
import type { Adapted, JsonBody, ModelFacts } from '../../languages/dialect.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord } from '../../protocol/json.ts';
import { EFFORTS, effortsOf, isReasoningModel } from './models.ts';

/** What thinking models refuse always, with the values that ask for nothing. */
const REFUSED: Readonly<Record<string, unknown>> = {
  stop: undefined,
  logprobs: false,
  top_logprobs: 0,
  logit_bias: undefined,
};

/** What they take only while they do not think; the default value is no wish. */
const REFUSED_WHILE_THINKING: Readonly<Record<string, unknown>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** Fields of OpenRouter, Perplexity and Google that OpenAI answers with 400, with the values that ask for nothing. */
const FOREIGN: Readonly<Record<string, unknown>> = {
  ...nothing('models', 'plugins', 'provider', 'route', 'session_id', 'trace', 'transforms', 'usage'),
  ...nothing('min_p', 'repetition_penalty', 'top_a', 'top_k'),
  ...nothing('language_preference', 'search_domain_filter', 'search_mode', 'search_recency_filter'),
  ...nothing('search_after_date_filter', 'search_before_date_filter'),
  ...nothing('last_updated_after_filter', 'last_updated_before_filter'),
  ...nothing('cached_content', 'extra_body', 'google', 'safety_settings'),
  return_images: false,
  return_related_questions: false,
};

function nothing(...keys: string[]): Record<string, undefined> {
  return Object.fromEntries(keys.map((key) => [key, undefined]));
}

/**
 * Fits the parameters of a chat request to what OpenAI accepts, and names what had to go: much for o-series, gpt-5
 * and later models, only fields of other providers for older ones.
 */
export function fitParameters(body: JsonBody, facts: ModelFacts): Adapted {
  const fitted: Record<string, unknown> = { ...body };
  const dropped: string[] = [];
  const drop = (table: Readonly<Record<string, unknown>>): void => {
    for (const [key, silent] of Object.entries(table)) {
      const value = fitted[key];
      delete fitted[key];
      if (value !== undefined && value !== null && value !== silent) dropped.push(key);
    }
  };
  drop(FOREIGN);
  if (!isReasoningModel(facts.upstream)) return { body: fitted, dropped };
  renameLimit(fitted);
  const { effort, budget } = readReasoning(body as ChatRequest);
  if (effort !== null) fitted['reasoning_effort'] = effort;
  if (isRecord(fitted['reasoning'])) fitted['reasoning'] = { ...fitted['reasoning'], effort: null };
  if (budget !== null) dropped.push('reasoning.max_tokens');
  if (!fitEffort(fitted, effortsOf(facts))) dropped.push('reasoning_effort');
  drop(REFUSED);
  if (fitted['reasoning_effort'] !== 'none') drop(REFUSED_WHILE_THINKING);
  return { body: fitted, dropped };
}

/** Fits the parameters to chat completions, which shows no thoughts and searches with its search models only. */
export function fitChatParameters(body: JsonBody, facts: ModelFacts): Adapted {
  const fitted = fitParameters(body, facts);
  const { reasoning: _, include_reasoning: __, disable_search: ___, ...rest } = fitted.body;
  const { names } = readReasoning(body as ChatRequest);
  const lost = isReasoningModel(facts.upstream) ? [] : names.filter((name) => name !== 'reasoning_effort');
  return { body: rest, dropped: [...fitted.dropped, ...lost] };
}

function renameLimit(fitted: Record<string, unknown>): void {
  const limit = fitted['max_tokens'];
  delete fitted['max_tokens'];
  if (limit !== undefined && limit !== null) fitted['max_completion_tokens'] ??= limit;
}

/** Puts the nearest effort that the model has; false when it has none, or the word is not one of OpenAI's. */
function fitEffort(fitted: Record<string, unknown>, efforts: readonly string[] | null): boolean {
  const wished = fitted['reasoning_effort'];
  if (typeof wished !== 'string' || efforts === null || efforts.includes(wished)) return true;
  const nearest = EFFORTS.includes(wished) ? nearestEffort(wished, efforts) : undefined;
  if (nearest === undefined) delete fitted['reasoning_effort'];
  else fitted['reasoning_effort'] = nearest;
  return nearest !== undefined;
}

/** Of two that are as near the one that thinks more: `minimal` is closer in spirit to `low` than to `none`. */
function nearestEffort(wished: string, efforts: readonly string[]): string | undefined {
  const at = EFFORTS.indexOf(wished);
  const distance = (effort: string) => Math.abs(EFFORTS.indexOf(effort) - at);
  const known = EFFORTS.filter((effort) => efforts.includes(effort)).reverse();
  return known.sort((a, b) => distance(a) - distance(b))[0];
}
