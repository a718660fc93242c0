import type { ChunkDelta, Delta } from '../protocol/delta.ts';

/** What the client was told so far, over all attempts. */
export class Transcript {
  #text = '';
  #isPlainText = true;

  add(batch: readonly Delta[]): void {
    for (const piece of batch) {
      if (piece.type !== 'choice') continue;
      if (piece.index > 0 || piece.logprobs || isMoreThanText(piece.delta)) this.#isPlainText = false;
      if (piece.delta.content) this.#text += piece.delta.content;
    }
  }

  text(): string {
    return this.#text;
  }

  /** False once something was told that another answer cannot take up: a tool call, a second choice, a picture. */
  isPlainText(): boolean {
    return this.#isPlainText;
  }
}

/** True for what cannot be joined to by letters. */
export function isMoreThanText(delta: ChunkDelta): boolean {
  const { tool_calls, function_call, code_runs, server_steps, refusal, images, audio } = delta;
  return Boolean(tool_calls || function_call || code_runs || server_steps || refusal || images || audio);
}
