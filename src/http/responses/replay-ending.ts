import { type JsonRecord, recordOf } from '../../protocol/json.ts';

const ENDS = ['response.completed', 'response.incomplete', 'response.failed'];

/** Whether nothing comes after this event. @param frame as it is kept */
export function isEnding(frame: string): boolean {
  return ENDS.some((type) => frame.startsWith(`event: ${type}\n`));
}

/**
 * The last events of a stream whose process went before it could tell them: clients take a stream without an end for
 * success.
 * @param number of the first of them
 * @param from the number of the first that is wanted
 */
export function endingFrames(response: JsonRecord, number: number, from = number): string {
  const { status } = response;
  if (status === 'completed' || status === 'incomplete') {
    return from > number ? '' : toFrame(`response.${status}`, number, { response });
  }
  const isCancelled = status === 'cancelled';
  const { code, message } = isCancelled ? CANCELLED : recordOf(response['error']);
  const flat = { code, message, param: null };
  const type = isCancelled ? 'cancelled' : 'server_error';
  const last = isCancelled ? 'response.incomplete' : 'response.failed';
  const error = toFrame('error', number, { ...flat, error: { type, ...flat } });
  return (from > number ? '' : error) + (from > number + 1 ? '' : toFrame(last, number + 1, { response }));
}

const CANCELLED = { code: 'request_cancelled', message: 'The response was cancelled.' };

function toFrame(type: string, number: number, fields: JsonRecord): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...fields })}\n\n`;
}
