import type { ChunkDelta, Delta } from '../protocol/delta.ts';

/** What the client was told so far, over all attempts. */
export interface Transcript {
  see(batch: readonly Delta[]): void;
  readonly text: string;
  /** Everything that costs tokens: text, reasoning, arguments of calls. */
  readonly spoken: string;
  /** False once something was told that another answer cannot take up: a tool call, a second choice, a picture. */
  readonly isPlainText: boolean;
}

export function createTranscript(): Transcript {
  let text = '';
  let others = '';
  let isPlainText = true;
  return {
    see(batch) {
      for (const piece of batch) {
        if (piece.type !== 'choice') continue;
        if (piece.index > 0 || piece.logprobs || isMoreThanText(piece.delta)) isPlainText = false;
        if (piece.delta.content) text += piece.delta.content;
        others += othersIn(piece.delta);
      }
    },
    get text() {
      return text;
    },
    get spoken() {
      return text + others;
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

function othersIn(delta: ChunkDelta): string {
  let text = (delta.reasoning_content ?? '') + (delta.refusal ?? '') + (delta.function_call?.arguments ?? '');
  for (const call of delta.tool_calls ?? []) text += call.function?.arguments ?? call.custom?.input ?? '';
  return text;
}
