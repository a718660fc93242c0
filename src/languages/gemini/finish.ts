import type { FinishReason } from '../../protocol/delta.ts';
import { fail } from '../../protocol/failure.ts';

/** What one candidate has given its reader. Thoughts alone are no answer. */
export interface Given {
  readonly hasAnswer: boolean;
  readonly calls: number;
}

const FILTERED = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'ESCALATION',
]);
const BROKEN = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
]);
const MAX_MESSAGE_CHARS = 300;

/**
 * OpenAI's word for Gemini's reason; null as long as there is none. Gemini says STOP also after calls.
 * @throws AttemptError for an answer that went wrong before anything of it was given
 */
export function toGeminiFinish(reason: string | null, message: string, given: Given): FinishReason | null {
  if (reason === null) return null;
  if (reason === 'MAX_TOKENS') return 'length';
  if (FILTERED.has(reason)) return 'content_filter';
  if (given.calls > 0) return 'tool_calls';
  if (reason === 'STOP' || given.hasAnswer) return 'stop';
  if (!BROKEN.has(reason)) return 'content_filter';
  const said = message ? `: ${message.slice(0, MAX_MESSAGE_CHARS)}` : '.';
  fail('server', `Gemini ended without an answer (${reason})${said}`, { code: reason });
}
