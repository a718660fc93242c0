import type { NewResponse } from '../../conversations/records.ts';
import type { FoundResponse } from '../../conversations/threads.ts';
import { type JsonRecord, parseJson, recordOf } from '../../protocol/json.ts';

const ENDINGS = {
  cancelled: { status: 'cancelled', incomplete_details: { reason: 'cancelled' } },
  failed: {
    status: 'failed',
    error: { code: 'server_error', message: 'The gateway was stopped while this response was running.' },
  },
} as const;

/** Where a response is ended. */
interface Endable {
  settle(response: NewResponse, completedAt: number, output: string): Promise<boolean>;
}

/** Ends a response that no process here runs, as it is kept; where it ended before, it stays as it is. @returns the response */
export async function endedAs(
  ending: keyof typeof ENDINGS,
  { response }: Pick<FoundResponse, 'response'>,
  threads: Endable,
  now: number,
): Promise<JsonRecord> {
  const ended = { ...recordOf(parseJson(response.body)), ...ENDINGS[ending], output: [] };
  const { thread: _, turn: __, output: ___, completedAt: ____, ...known } = response;
  const kept: NewResponse = {
    ...known,
    status: ending,
    body: JSON.stringify(ended),
    worker: 'another process',
    leaseUntil: null,
  };
  await threads.settle(kept, Math.round(now), '[]');
  return ended;
}
