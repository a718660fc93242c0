import type { CodeRunDelta } from '../../protocol/hosted-delta.ts';
import { isRecord, type JsonRecord, stringOf } from '../../protocol/json.ts';
import type { ModelPart } from '../../protocol/model-message.ts';
import type { GeminiPart } from './parts.ts';
import type { ConversationHistory } from './turns.ts';

/** Reads the code that Google wrote and ran: what it printed follows it, in a part of its own. */
export class CodeRuns {
  #count = 0;

  /** Null for parts of other kinds. */
  read(part: JsonRecord): CodeRunDelta | null {
    const { executableCode: code, codeExecutionResult: result, thoughtSignature } = part;
    if (isRecord(code)) {
      const signature = stringOf(thoughtSignature);
      return { index: this.#count++, code: stringOf(code['code']) ?? '', ...(signature ? { signature } : {}) };
    }
    if (!isRecord(result)) return null;
    // A result without its code is one nevertheless.
    const index = Math.max(0, this.#count - 1);
    this.#count = index + 1;
    // Where the code itself failed, the output says why.
    const isLate = result['outcome'] === 'OUTCOME_DEADLINE_EXCEEDED';
    return { index, output: stringOf(result['output']) ?? '', outcome: isLate ? 'failed' : 'completed' };
  }
}

/**
 * The code that Google ran, or what it printed, as a block; empty for parts of other kinds.
 * @param breaks line breaks before it, at most two
 */
export function fencedCode({ executableCode: code, codeExecutionResult: result }: JsonRecord, breaks: number): string {
  if (isRecord(code)) {
    const language = (stringOf(code['language']) ?? '').toLowerCase().replace('language_unspecified', '');
    return fence(language, stringOf(code['code']) ?? '', breaks);
  }
  const output = isRecord(result) ? stringOf(result['output']) : null;
  return output ? fence('', output, breaks) : '';
}

/** A block of its own, whatever stands before it; its fence is longer than any in the text. */
function fence(language: string, text: string, breaks: number): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const marks = '`'.repeat(longest + 1);
  const gap = '\n'.repeat(2 - breaks);
  return `${gap}${marks}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${marks}\n\n`;
}

/** From this version on the parts of a run have an id, and what a model wrote itself is signed. */
const GEMINI_3 = 300;

/** Code of the history as Google's own parts; null for what has to be told in words. */
export function toRunParts(
  part: ModelPart,
  { model: { version }, runsCode }: Pick<ConversationHistory, 'model' | 'runsCode'>,
): GeminiPart[] | null {
  if (part.type !== 'text' || part.run === undefined || !runsCode) return null;
  const { id, code, output, isWhole, carried } = part.run;
  const isSigned = carried?.kind === 'thought-signature' && carried.provider === 'google';
  // A newer model does not take for its own what is not signed.
  if (version >= GEMINI_3 && !isSigned) return null;
  const named = version >= GEMINI_3 ? { id } : {};
  const signature = isSigned ? { thoughtSignature: carried.data } : {};
  const outcome = isWhole ? 'OUTCOME_OK' : 'OUTCOME_DEADLINE_EXCEEDED';
  return [
    { executableCode: { language: 'PYTHON', code, ...named }, ...signature },
    { codeExecutionResult: { outcome, output, ...named } },
  ];
}
