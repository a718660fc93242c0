import type { Adapted } from '../../dialects/chat/chat.ts';
import type { JsonBody, ModelFacts } from '../../dialects/dialect.ts';
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

/**
 * Fits the parameters of a chat request to what o-series, gpt-5 and later models accept, and names what had to go.
 * Requests to older models stay as they are.
 */
export function fitParameters(body: JsonBody, facts: ModelFacts): Adapted {
  if (!isReasoningModel(facts.upstream)) return { body, dropped: [] };
  const fitted: Record<string, unknown> = { ...body };
  const dropped: string[] = [];
  const drop = (table: Readonly<Record<string, unknown>>): void => {
    for (const [key, nothing] of Object.entries(table)) {
      const value = fitted[key];
      delete fitted[key];
      if (value !== undefined && value !== null && value !== nothing) dropped.push(key);
    }
  };
  renameLimit(fitted);
  if (!fitEffort(fitted, effortsOf(facts))) dropped.push('reasoning_effort');
  drop(REFUSED);
  if (fitted['reasoning_effort'] !== 'none') drop(REFUSED_WHILE_THINKING);
  return { body: fitted, dropped };
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
