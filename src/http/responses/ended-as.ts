import type { KeptEvent } from '../../conversations/events.ts';
import type { KeptResponse, NewResponse } from '../../conversations/records.ts';
import type { FoundResponse } from '../../conversations/threads.ts';
import { foldOutput } from '../../languages/responses/client-output-fold.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../protocol/json.ts';
import { bodyOf } from './response-keeper.ts';

const ENDINGS = {
  cancelled: { status: 'cancelled', incomplete_details: { reason: 'cancelled' } },
  failed: {
    status: 'failed',
    error: { code: 'server_error', message: 'The gateway was stopped while this response was running.' },
  },
} as const;

const EVENTS_AT_ONCE = 500;

/** Where a response is ended. */
interface Endable {
  settle(response: NewResponse, completedAt: number, output: string): Promise<boolean>;
  eventsAfter(owner: string, id: string, seq: number, limit: number): Promise<readonly KeptEvent[]>;
}

/**
 * Ends a response that no process here runs, as it is kept, with its output so far; where it ended before, it stays as it is.
 * @returns the response; null where it ended before
 */
export async function endedAs(
  ending: keyof typeof ENDINGS,
  { response }: Pick<FoundResponse, 'response'>,
  threads: Endable,
  now: number,
): Promise<JsonRecord | null> {
  const output = await outputSoFar(response, threads);
  const ended = { ...recordOf(parseJson(response.body)), ...ENDINGS[ending], output };
  const { thread: _, turn: __, output: ___, completedAt: ____, ...known } = response;
  const kept: NewResponse = {
    ...known,
    status: ending,
    body: bodyOf(ended),
    worker: 'another process',
    leaseUntil: null,
  };
  const isFirst = await threads.settle(kept, Math.round(now), JSON.stringify(output));
  return isFirst ? ended : null;
}

/** Of a stream, all that was told; of another, what was put down last. What was open is incomplete. */
async function outputSoFar(response: KeptResponse, threads: Endable): Promise<readonly JsonRecord[]> {
  const told = response.isStreamed ? foldOutput(await framesOf(response, threads)) : [];
  const items = told.length > 0 ? told : recordsOf(parseJson(response.output ?? '[]'));
  return items.map((item) => (item['status'] === 'in_progress' ? { ...item, status: 'incomplete' } : item));
}

async function framesOf({ owner, id }: KeptResponse, threads: Endable): Promise<readonly string[]> {
  const frames: string[] = [];
  for (;;) {
    const events = await threads.eventsAfter(owner, id, frames.length - 1, EVENTS_AT_ONCE);
    frames.push(...events.map(({ data }) => data));
    if (events.length < EVENTS_AT_ONCE) return frames;
  }
}
