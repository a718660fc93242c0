import type { ChatRequest } from '../protocol/chat.ts';
import type { ChunkDelta, Delta, Usage } from '../protocol/delta.ts';
import { estimateUsage } from '../protocol/estimate.ts';

/** What one attempt has cost so far, also when it fails. */
export interface Spending {
  see(batch: readonly Delta[]): void;
  /** True once the provider has counted. */
  isReported(): boolean;
  /** The provider's count, else an estimate; null when nothing was said. */
  usage(): Usage | null;
}

/** @param chat what the attempt asks */
export function createSpending(chat: ChatRequest): Spending {
  let reported: Usage | null = null;
  let spoken = '';
  return {
    see(batch) {
      for (const piece of batch) {
        if (piece.type === 'usage') reported = piece.usage;
        else if (piece.type === 'choice') spoken += spokenIn(piece.delta);
      }
    },
    isReported: () => reported !== null,
    usage: () => reported ?? (spoken === '' ? null : estimateUsage(chat, spoken)),
  };
}

/** Everything that costs tokens. */
function spokenIn(delta: ChunkDelta): string {
  let text = (delta.content ?? '') + (delta.reasoning_content ?? '') + (delta.refusal ?? '');
  for (const call of delta.tool_calls ?? []) text += call.function?.arguments ?? call.custom?.input ?? '';
  return text + (delta.function_call?.arguments ?? '');
}
