import { explainChoice } from './router.ts';
import type { Explanation } from './wire.ts';

/** How a model is asked; what is null is left to the model. */
export interface AskSettings {
  readonly effort: string | null;
  readonly temperature: number | null;
  /** Of the answer, with what is thought. */
  readonly maxTokens: number | null;
  /** Empty for none. */
  readonly system: string;
}

/** One question to one model, with nothing said before. */
export interface LoneQuestion {
  readonly model: string;
  readonly question: string;
  readonly settings: AskSettings;
}

/** Who would answer, and for how much, before anything is spent. @throws ApiError */
export function explainQuestion(asked: LoneQuestion, signal: AbortSignal): Promise<Explanation> {
  return explainChoice(bodyOf(asked), signal);
}

/** The body of a chat completion. */
export function bodyOf({
  model,
  question,
  settings: { system, effort, temperature, maxTokens },
}: LoneQuestion): object {
  const before = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return {
    model,
    messages: [...before, { role: 'user', content: question }],
    ...(effort !== null && { reasoning_effort: effort }),
    ...(temperature !== null && { temperature }),
    ...(maxTokens !== null && { max_completion_tokens: maxTokens }),
  };
}
