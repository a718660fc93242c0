import { type Delta, type FinishReason, isMeaningful, type Usage } from './delta.ts';
import { type Failure, toFailure } from './failure.ts';

/** Watches the deltas of one answer, so that nothing broken or empty is passed off as an answer. */
export interface AnswerCheck {
  see(batch: readonly Delta[]): void;
  /** How many choices were opened. */
  choiceCount(): number;
  /** Call when the provider's body has ended. Null when the answer is whole. */
  verdict(): Failure | null;
}

/**
 * An answer is whole when it has a choice, each choice has its finish reason, and something was said: an empty
 * answer that just "stops" is what overloaded providers give instead of an error.
 */
export function createAnswerCheck(): AnswerCheck {
  const finishes = new Map<number, FinishReason | null>();
  let hasContent = false;
  let usage: Usage | null = null;
  return {
    see(batch) {
      for (const delta of batch) {
        if (delta.type === 'usage') usage = delta.usage;
        if (delta.type !== 'choice') continue;
        if (delta.finish !== null || !finishes.has(delta.index)) finishes.set(delta.index, delta.finish);
        hasContent ||= isMeaningful(delta);
      }
    },
    choiceCount: () => finishes.size,
    verdict() {
      if (finishes.size === 0) return toFailure('interrupted', 'The provider ended its answer before it began.');
      const reasons = [...finishes.values()];
      if (reasons.includes(null)) {
        return toFailure('interrupted', "The provider's answer broke off: it ended without a finish reason.");
      }
      const isEmpty = !hasContent && reasons.every(claimsContent) && !spentTokensOnText(usage);
      return isEmpty ? toFailure('server', 'The provider gave an empty answer.') : null;
    },
  };
}

/** `length` and `content_filter` explain an empty answer; the others promise one. */
function claimsContent(finish: FinishReason | null): boolean {
  return finish === 'stop' || finish === 'tool_calls' || finish === 'function_call';
}

/** A model that was forbidden to call tools may spend its tokens on a call that is then left out: it did answer. */
function spentTokensOnText(usage: Usage | null): boolean {
  if (usage === null) return false;
  return usage.completion_tokens > (usage.completion_tokens_details['reasoning_tokens'] ?? 0);
}
