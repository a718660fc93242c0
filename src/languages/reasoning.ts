import type { ChatRequest } from '../protocol/chat.ts';
import { isRecord, numberOf, recordOf, stringOf } from '../protocol/json.ts';

/** What a client wishes of the model's thinking, in OpenAI's `reasoning_effort` or OpenRouter's words. */
export interface ReasoningWish {
  /** Null when nothing is said. */
  readonly effort: string | null;
  /** Tokens to think with: `reasoning.max_tokens`. */
  readonly budget: number | null;
  /** Whether the client wants to read the thoughts; null when it does not say. */
  readonly wantsText: boolean | null;
  /** The parameters that ask for something. */
  readonly names: readonly string[];
}

/** Reads `reasoning_effort`, `reasoning` (`effort`, `max_tokens`, `enabled`, `exclude`) and `include_reasoning`. */
export function readReasoning(chat: ChatRequest): ReasoningWish {
  const { reasoning, include_reasoning: includes } = chat;
  const details = recordOf(reasoning);
  const isOff = details['enabled'] === false || reasoning === false;
  const effort = chat.reasoning_effort ?? stringOf(details['effort']) ?? (isOff ? 'none' : null);
  const isAsked = (isRecord(reasoning) || reasoning === true) && !isOff && effort !== 'none';
  const hides = details['exclude'] === true || includes === false;
  const names = [
    ...(chat.reasoning_effort && chat.reasoning_effort !== 'none' ? ['reasoning_effort'] : []),
    ...(isAsked ? ['reasoning'] : []),
    ...(includes === true ? ['include_reasoning'] : []),
  ];
  const wantsText = hides ? false : isAsked || includes === true || null;
  return { effort, budget: numberOf(details['max_tokens']), wantsText, names };
}
