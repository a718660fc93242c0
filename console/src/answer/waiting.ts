import type { CallSummary } from '../feed/wire.ts';
import { duration } from '../parts/format.ts';

/** What the gateway does for a call of which nothing is shown yet, in a few words. */
export function waitingWords(call: CallSummary): string {
  const last = call.attempts.at(-1);
  if (last === undefined) return `waiting for ${call.model}`;
  if (last.failure !== null) return `${last.model}: ${failureWords(call, last)}`;
  // It is not streamed here: other answers have the connections.
  if (last.ttft_ms !== null) return `${last.model} answers`;
  const before = call.attempts.at(-2);
  if (before === undefined) return `waiting for ${last.model}`;
  return before.model === last.model ? `${last.model} again, attempt ${last.number}` : `now ${last.model}`;
}

function failureWords(call: CallSummary, { failure, retry_at: at }: CallSummary['attempts'][number]): string {
  const what = failure?.status ? String(failure.status) : (failure?.kind ?? '');
  if (at === null) return what;
  // By the clock of the gateway: the one here may go otherwise.
  const now = Date.parse(call.created_at) + call.age_ms;
  return `${what}, again in ${duration(Math.max(0, Date.parse(at) - now))}`;
}
