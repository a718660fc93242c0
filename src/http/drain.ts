import { setTimeout as wait } from 'node:timers/promises';
import type { CallTracker } from '../calls/call-tracker.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { OpenResponses } from './open-responses.ts';

/** How long aborted calls have to write their last event. */
const LAST_WORDS_MS = 1000;

/**
 * Lets what is being answered, and what runs in the background, come to its end for `drainMs`; then aborts what remains, and
 * waits for its last event.
 */
export async function drain(
  responses: Pick<OpenResponses, 'idle'>,
  background: Pick<OpenResponses, 'idle'>,
  tracker: CallTracker,
  drainMs: number,
): Promise<void> {
  const deadline = new AbortController();
  const timeout = (ms: number): Promise<void> => wait(ms, undefined, { signal: deadline.signal });
  const end = async (): Promise<void> => {
    await timeout(drainMs);
    tracker.abortAll(stopping);
    await timeout(LAST_WORDS_MS);
  };
  const ended = end().catch(() => undefined);
  // In this order: what runs in the background may have been the last thing that was asked for.
  const idle = responses.idle().then(() => background.idle());
  await Promise.race([idle, ended]);
  // What still runs then is a resumable stream without a reader.
  tracker.abortAll(stopping);
  deadline.abort();
  await ended;
}

function stopping(): GatewayError {
  return new GatewayError('shutting_down', 'The gateway is stopping.');
}
