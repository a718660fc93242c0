import type { ChunkDelta, Delta } from '../protocol/delta.ts';

/** What the client was told so far. */
export interface Transcript {
  see(batch: readonly Delta[]): void;
  readonly text: string;
  /** Everything that costs tokens: text, reasoning, arguments of calls. */
  readonly spoken: string;
  readonly hasUsage: boolean;
  /** False once something was told that another answer cannot take up: a tool call, a second choice, a picture. */
  readonly isPlainText: boolean;
}

export function createTranscript(): Transcript {
  let text = '';
  let others = '';
  let hasUsage = false;
  let isPlainText = true;
  const seeDelta = (delta: ChunkDelta): void => {
    if (delta.content) text += delta.content;
    if (delta.reasoning_content) others += delta.reasoning_content;
    if (!isMoreThanText(delta)) return;
    isPlainText = false;
    for (const call of delta.tool_calls ?? []) others += call.function?.arguments ?? call.custom?.input ?? '';
  };
  return {
    see(batch) {
      for (const piece of batch) {
        if (piece.type === 'usage') hasUsage = true;
        if (piece.type !== 'choice') continue;
        if (piece.index > 0 || piece.logprobs) isPlainText = false;
        seeDelta(piece.delta);
      }
    },
    get text() {
      return text;
    },
    get spoken() {
      return text + others;
    },
    get hasUsage() {
      return hasUsage;
    },
    get isPlainText() {
      return isPlainText;
    },
  };
}

/** True for what cannot be joined to by letters. */
export function isMoreThanText(delta: ChunkDelta): boolean {
  return Boolean(delta.tool_calls || delta.function_call || delta.refusal || delta.images || delta.audio);
}
