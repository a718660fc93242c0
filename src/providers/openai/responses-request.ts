import type { Adapted, ModelFacts } from '../../languages/dialect.ts';
import { DroppedParameters } from '../../languages/dropped-parameters.ts';
import { toResponsesRequest } from '../../languages/responses/upstream-request.ts';
import type { ModelParameter, ModelRequest } from '../../protocol/model-request.ts';
import { effortsOf, isReasoningModel } from './models.ts';
import { fitEffort, foreignFieldsIn } from './parameters.ts';

/** The request for OpenAI's Responses, which accepts of its parameters what chat completions does. */
export function toOpenaiResponses(request: ModelRequest, facts: ModelFacts): Adapted {
  const dropped = new DroppedParameters(request.origin, foreignFieldsIn(request.origin.body));
  const fitted = isReasoningModel(facts.upstream) ? fitRequest(request, facts, dropped) : request;
  const { body, dropped: unsaid } = toResponsesRequest(fitted, facts);
  dropped.addNames(unsaid);
  return { body, dropped: dropped.list() };
}

/** The request without what thinking models refuse; that goes by name, except for values that ask for nothing. */
function fitRequest(request: ModelRequest, facts: ModelFacts, dropped: DroppedParameters): ModelRequest {
  const { reasoning, sampling, topLogprobs } = request;
  const { temperature, topP, presencePenalty, frequencyPenalty } = sampling;
  const drop = (refused: readonly (readonly [ModelParameter, boolean])[]): void => {
    for (const [parameter, isAsked] of refused) if (isAsked) dropped.add(parameter);
  };
  const effort = reasoning.effort === null ? null : fitEffort(reasoning.effort, effortsOf(facts));
  drop([
    ['reasoningBudget', reasoning.budget !== null],
    ['reasoningEffort', reasoning.effort !== null && effort === null],
    ['stop', request.stop !== null],
    ['logprobs', request.logprobs],
    ['topLogprobs', (topLogprobs ?? 0) !== 0],
    ['logitBias', sampling.logitBias !== null],
  ]);
  const fitted = { ...request, reasoning: { ...reasoning, effort }, logprobs: false };
  if (effort === 'none') return fitted;
  drop([
    ['temperature', (temperature ?? 1) !== 1],
    ['topP', (topP ?? 1) !== 1],
    ['presencePenalty', (presencePenalty ?? 0) !== 0],
    ['frequencyPenalty', (frequencyPenalty ?? 0) !== 0],
  ]);
  return { ...fitted, sampling: { ...sampling, temperature: null, topP: null } };
}
