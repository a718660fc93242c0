import { isRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import type { Recording } from './recordings.ts';

/** An error inside an HTTP 200, found by looking at the raw events, not by asking our reader. */
export function reportsFailure({ body }: Recording): boolean {
  const text = body.toString('utf8');
  const bare = parseJson(text) ?? parseJson(text.slice(text.search(/^[{[]/m)));
  const events = text.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return [bare, ...events.map((line) => parseJson(line.slice(5)))].some(isFailureEvent);
}

/** The status that a `response` has for good when it holds no answer, and no last event follows. */
const UNANSWERED: readonly unknown[] = ['queued', 'cancelled', 'failed'];

function isFailureEvent(event: unknown): boolean {
  const { error, type, response, promptFeedback, object, status } = recordOf(Array.isArray(event) ? event[0] : event);
  if (isRecord(error) || type === 'error' || type === 'response.failed') return true;
  if (object === 'response' && UNANSWERED.includes(status)) return true;
  return isRecord(recordOf(response)['error']) || recordOf(promptFeedback)['blockReason'] !== undefined;
}
