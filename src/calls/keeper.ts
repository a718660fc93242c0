import type { GatewayError } from '../protocol/errors.ts';

/** Keeps the answer of a call whose language has stored answers. */
export interface AnswerKeeper {
  /**
   * Puts down what has to be known of an answer when its first words are told.
   * @throws GatewayError where that fails: then nothing is told
   */
  begin?(): Promise<void>;
  /**
   * Keeps a whole answer before its end is told; where that fails, the answer says that it is not kept.
   * @param signal of the call: where that is ended, what cannot be kept is not waited for
   * @throws GatewayError where it was cancelled meanwhile
   */
  keep(signal: AbortSignal): Promise<void>;
  /**
   * Keeps what there is of an answer that failed, or was cancelled, before its end is told.
   * @param hasBegun whether anything of it was said: otherwise its client is told by the status of HTTP
   */
  keepFailed(error: GatewayError, hasBegun: boolean, signal: AbortSignal): Promise<void>;
}
