import type { Delta } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { isRecord } from '../../protocol/json.ts';
import { failureInside } from '../failure.ts';
import { type AnswerOptions, createResponsesAnswer } from './answer.ts';

/** Reads a whole `response` object. Throws `AttemptError` when it is none, has failed or is not finished. */
export function readResponsesResponse(body: unknown, options: AnswerOptions): readonly Delta[] {
  if (!isRecord(body)) fail('server', 'The provider answered with JSON that is no object.');
  if (body['error']) throw new AttemptError(failureInside(body));
  if (!Array.isArray(body['output'])) fail('server', "The provider's answer has no output.");
  return createResponsesAnswer(options).finish(body);
}
