import { readReasoning } from '../../languages/chat/words.ts';
import type { Adapted, JsonBody, ModelFacts } from '../../languages/dialect.ts';
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
 * Fits the parameters of a chat request to what OpenAI's chat completions accepts, and names what had to go: much for
 * o-series, gpt-5 and later models, little for older ones. Chat completions shows no thoughts, and searches with its
 * search models only.
 */
export function fitChatParameters(body: JsonBody, facts: ModelFacts): Adapted {
  const { reasoning: _, include_reasoning: __, disable_search: ___, ...rest } = body;
  const fitted: Record<string, unknown> = rest;
  const { effort, budget, names } = readReasoning(body);
  const dropped: string[] = [];
  const drop = (table: Readonly<Record<string, unknown>>): void => {
    dropped.push(...askedIn(fitted, table));
    for (const key of Object.keys(table)) delete fitted[key];
  };
  drop(FOREIGN);
  if (!isReasoningModel(facts.upstream)) {
    return { body: fitted, dropped: [...dropped, ...names.filter((name) => name !== 'reasoning_effort')] };
  }
  renameLimit(fitted);
  if (budget !== null) dropped.push('reasoning.max_tokens');
  const nearest = effort === null ? null : fitEffort(effort, effortsOf(facts));
  if (nearest !== null) fitted['reasoning_effort'] = nearest;
  else if (effort !== null) {
    delete fitted['reasoning_effort'];
    dropped.push('reasoning_effort');
  }
  drop(REFUSED);
  if (nearest !== 'none') drop(REFUSED_WHILE_THINKING);
  return { body: fitted, dropped };
}

/** The fields of other providers that ask for something. */
export function foreignFieldsIn(body: JsonBody): string[] {
  return askedIn(body, FOREIGN);
}

function askedIn(body: JsonBody, table: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(table).filter((key) => body[key] !== undefined && body[key] !== null && body[key] !== table[key]);
}

function renameLimit(fitted: Record<string, unknown>): void {
  const limit = fitted['max_tokens'];
  delete fitted['max_tokens'];
  if (limit !== undefined && limit !== null) fitted['max_completion_tokens'] ??= limit;
}

/** The nearest effort that the model has; null when it has none, or the word is not one of OpenAI's. */
export function fitEffort(wished: string, efforts: readonly string[] | null): string | null {
  if (efforts === null || efforts.includes(wished)) return wished;
  return EFFORTS.includes(wished) ? nearestEffort(wished, efforts) : null;
}

/** Of two that are as near the one that thinks more: `minimal` is closer in spirit to `low` than to `none`. */
function nearestEffort(wished: string, efforts: readonly string[]): string | null {
  const at = EFFORTS.indexOf(wished);
  const distance = (effort: string) => Math.abs(EFFORTS.indexOf(effort) - at);
  const known = EFFORTS.filter((effort) => efforts.includes(effort)).reverse();
  return known.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
