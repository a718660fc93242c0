import { type Delta, type FinishReason, isMeaningful, type Usage } from './delta.ts';
import { estimateUsage, TokenEstimate } from './estimate.ts';
import { type Failure, toFailure } from './failure.ts';
import type { ModelRequest } from './model-request.ts';

/** Adds up the deltas of one answer, in one pass: whether it is whole, and what it has cost. */
export class Tally {
  readonly #finishes = new Map<number, FinishReason | null>();
  #latest = -1;
  #hasContent = false;
  #reported: Usage | null = null;
  readonly #spoken = new TokenEstimate();

  add(batch: readonly Delta[]): void {
    for (const piece of batch) {
      if (piece.type === 'usage') this.#reported = piece.usage;
      if (piece.type !== 'choice') continue;
      const { index, delta, finish } = piece;
      if (finish !== null || (index !== this.#latest && !this.#finishes.has(index))) this.#finishes.set(index, finish);
      this.#latest = index;
      this.#hasContent ||= isMeaningful(piece);
      this.#spoken.addDelta(delta);
    }
  }

  /** True from the first token on: something was said that a reader would see. */
  hasContent(): boolean {
    return this.#hasContent;
  }

  /** How many choices were opened. */
  choiceCount(): number {
    return this.#finishes.size;
  }

  /** True once the provider has counted. */
  isReported(): boolean {
    return this.#reported !== null;
  }

  /**
   * What it has cost so far, also when it failed: the provider's count, else an estimate; null when nothing was said.
   * @param request what was asked
   */
  usage(request: ModelRequest): Usage | null {
    const spoken = this.#spoken.tokens();
    return this.#reported ?? (spoken === 0 ? null : estimateUsage(request, spoken));
  }

  /**
   * Call when the provider's body has ended. Null when the answer is whole: it has a choice, each choice has its finish
   * reason, and something was said that a reader would see (`isMeaningful` says what is). Tokens that the provider says
   * it spent are no words: a provider that loses the text of an answer counts them as well.
   * @param request what was asked
   */
  verdict(request: ModelRequest): Failure | null {
    if (this.#finishes.size === 0) return toFailure('interrupted', 'The provider ended its answer before it began.');
    const reasons = [...this.#finishes.values()];
    if (reasons.includes(null)) {
      return toFailure('interrupted', "The provider's answer broke off: it ended without a finish reason.");
    }
    const isEmpty = !this.#hasContent && reasons.every(claimsContent);
    return isEmpty && !isUnsaidCall(request, this.#reported)
      ? toFailure('server', 'The provider gave an empty answer.')
      : null;
  }
}

/** `length` and `content_filter` explain an empty answer; the others promise one. */
function claimsContent(finish: FinishReason | null): boolean {
  return finish === 'stop' || finish === 'tool_calls' || finish === 'function_call';
}

/**
 * A model that may not call its tools spends its tokens on a call that is then left out (recorded at OpenRouter): it did
 * answer, without a word.
 */
function isUnsaidCall(request: ModelRequest, usage: Usage | null): boolean {
  const mayNotCall = request.toolChoice === 'none' && request.tools.length > 0;
  return mayNotCall && usage !== null && usage.completion_tokens > 0;
}
