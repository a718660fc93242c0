import type { AnswerWriter } from '../languages/face.ts';
import type { GatewayError } from '../protocol/errors.ts';

/** Keeps the answer of a call whose language has stored answers. */
export interface AnswerKeeper {
  /**
   * Keeps a whole answer before its end is told; where that fails, the writer says afterwards that it is not kept.
   * @throws GatewayError where the answer cannot stand without being kept
   */
  keep(writer: AnswerWriter): Promise<void>;
  /** Keeps what there is of an answer that failed, or was cancelled, after its end was written. */
  keepFailed(writer: AnswerWriter, error: GatewayError): Promise<void>;
}
