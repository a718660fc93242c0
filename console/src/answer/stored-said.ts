import { toApiError } from '../feed/client.ts';
import { type ItemPage, readResponse } from '../feed/conversations.ts';
import type { Thread } from '../feed/threads.ts';
import { withFirstCall } from './first-call.ts';
import { type Said, START, saidOf, toAnswer } from './said.ts';
import { isOpen, NEW_TURN, nextTurn, type ResponseFacts, type Turn } from './turn.ts';

/** What a page of items says. @param thread null where it is not known whose they are */
export function saidIn({ items, hasOlder }: ItemPage, thread: Pick<Thread, 'metadata'> | null): readonly Said[] {
  const said = saidOf(items, hasOlder ? null : START);
  return hasOlder || thread === null ? said : withFirstCall(said, thread);
}

/** The same of the last page, with how the last answer ended where its words do not tell. @throws ApiError */
export async function saidAtEnd(
  page: ItemPage,
  thread: Pick<Thread, 'metadata'>,
  abort: AbortSignal,
): Promise<readonly Said[]> {
  const said = saidIn(page, thread);
  const last = page.items.at(-1);
  // Most are whole, and nothing is asked for them.
  if (last?.role === 'assistant' && last.status !== 'incomplete') return said;
  return endedAs(said, last?.said_by ? await readStored(last.said_by.id, abort) : null);
}

/** With the last answer as its response ended: it failed, was stopped or cut off, perhaps before its first word. @param response null where none is on record */
export function endedAs(said: readonly Said[], response: ResponseFacts | null): readonly Said[] {
  const last = said.at(-1);
  const turn = response === null ? UNKNOWN : nextTurn(NEW_TURN, { type: 'stored', response });
  if (isOpen(turn)) return said;
  if (last?.role === 'user') return [...said, toAnswer(turn, `end-${last.key}`)];
  return last === undefined || response === null ? said : [...said.slice(0, -1), { ...last, turn }];
}

const UNKNOWN: Turn = { ...NEW_TURN, phase: 'failed', problem: 'Not answered, and nothing is on record of why.' };

/** Null where it has expired, or was erased. @throws ApiError */
async function readStored(id: string, abort: AbortSignal): Promise<ResponseFacts | null> {
  return readResponse(id, abort).catch((error) => {
    if (toApiError(error).status === 404) return null;
    throw error;
  });
}
