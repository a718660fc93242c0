import type { ChunkDelta, Delta } from '../protocol/delta.ts';

/** What the client was told so far, over all attempts. */
export interface Transcript {
  see(batch: readonly Delta[]): void;
  text(): string;
  /** False once something was told that another answer cannot take up: a tool call, a second choice, a picture. */
  isPlainText(): boolean;
}

export function createTranscript(): Transcript {
  let text = '';
  let isPlainText = true;
  return {
    see(batch) {
      for (const piece of batch) {
        if (piece.type !== 'choice') continue;
        if (piece.index > 0 || piece.logprobs || isMoreThanText(piece.delta)) isPlainText = false;
        if (piece.delta.content) text += piece.delta.content;
      }
    },
    text: () => text,
    isPlainText: () => isPlainText,
  };
}

/** True for what cannot be joined to by letters. */
export function isMoreThanText(delta: ChunkDelta): boolean {
  return Boolean(delta.tool_calls || delta.function_call || delta.refusal || delta.images || delta.audio);
}
