import type { Logprobs } from '../../protocol/delta.ts';
import { type JsonRecord, recordsOf } from '../../protocol/json.ts';
import { toLogprobs } from '../chat/choice.ts';

/** The log probabilities of one answer, each token told once. Null where there are none. */
export interface ReportedLogprobs {
  /** Log probabilities that came with a piece of text. */
  add(tokens: unknown): Logprobs | null;
  /** Log probabilities of the whole answer that no piece came with. */
  rest(output: readonly JsonRecord[]): Logprobs | null;
}

/** One for one answer. */
export function createReportedLogprobs(): ReportedLogprobs {
  let reported = 0;
  const add = (tokens: unknown): Logprobs | null => {
    if (!Array.isArray(tokens) || tokens.length === 0) return null;
    reported += tokens.length;
    return toLogprobs({ content: tokens });
  };
  return {
    add,
    rest(output) {
      const parts = output.flatMap((item) => recordsOf(item['content']));
      return add(parts.flatMap((part) => recordsOf(part['logprobs'])).slice(reported));
    },
  };
}
