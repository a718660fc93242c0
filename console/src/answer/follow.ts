import type { Signal } from '@preact/signals';
import { type ApiError, toApiError } from '../feed/client.ts';
import { readResponse } from '../feed/conversations.ts';
import { type AskedResponse, askWhole } from '../feed/questions.ts';
import { ask, takeUp } from './connections.ts';
import { Pace } from './pace.ts';
import { isOpen, NEW_TURN, nextTurn, type ResponseEvent, type Turn, type TurnEvent } from './turn.ts';

/** What happens to an answer, as it comes. */
export type TurnEvents = AsyncGenerator<TurnEvent>;

/** How often an answer without a stream is looked at. */
const LOOK_MS = 1000;

/** Asks, and follows the words. */
export function streamed(asked: AskedResponse, abort: AbortSignal): TurnEvents {
  return asTurnEvents(ask(asked, abort));
}

/** What comes after an event of an answer that runs; -1 for all. */
export function takenUp(id: string, after: number, abort: AbortSignal): TurnEvents {
  return asTurnEvents(takeUp(id, after, abort));
}

/** Asks, and looks once a second whether the answer is whole: no connection is held meanwhile. */
export async function* looked(asked: AskedResponse, abort: AbortSignal): TurnEvents {
  let response = await askWhole(asked, abort);
  yield { type: 'stored', response };
  while (response.status === 'queued' || response.status === 'in_progress') {
    await pause(LOOK_MS);
    response = await readResponse(response.id, abort);
    yield { type: 'stored', response };
  }
}

/** The events as they are. @param taken is called once, before the first of them: the gateway has the question */
export async function* whenTaken(events: TurnEvents, taken: () => void): TurnEvents {
  let isTaken = false;
  for await (const event of events) {
    if (!isTaken) taken();
    isTaken = true;
    yield event;
  }
}

/**
 * Brings an answer to its end in a signal, through lost connections.
 * @returns why the question was not taken; null where it was
 */
export async function follow(
  turn: Signal<Turn | null>,
  events: TurnEvents,
  abort: AbortSignal,
): Promise<ApiError | null> {
  let problem: unknown = null;
  try {
    await read(turn, events);
  } catch (error) {
    problem = error;
  }
  if (abort.aborted) return null;
  const { id } = now(turn);
  if (id === null) return toApiError(problem);
  // A stream that ends without its last event was cut.
  if (isOpen(now(turn))) await recover(turn, id, abort);
  return null;
}

/** Takes the stream up after its last event: after 1, 2 and 4 s; then what is stored counts. */
async function recover(turn: Signal<Turn | null>, id: string, abort: AbortSignal): Promise<void> {
  const apply = (event: TurnEvent): void => {
    turn.value = nextTurn(now(turn), event);
  };
  for (let attempt = 0; !abort.aborted && isOpen(now(turn)); attempt++) {
    apply({ type: 'lost' });
    await pause(1000 * 2 ** Math.min(attempt, 2));
    try {
      if (attempt < 3) await read(turn, takenUp(id, now(turn).lastEvent, abort));
      else apply({ type: 'stored', response: await readResponse(id, abort) });
    } catch (error) {
      const { status, message } = toApiError(error);
      // What is gone stays gone; a gateway that is away may come back.
      if (status === 404) apply({ type: 'refused', message });
    }
  }
}

async function read(turn: Signal<Turn | null>, events: TurnEvents): Promise<void> {
  let pending: Turn | null = null;
  const flush = (): void => {
    // Stopped meanwhile: what came later is not shown.
    if (pending !== null && turn.peek()?.phase !== 'stopped') turn.value = pending;
    pending = null;
  };
  const pace = new Pace(flush);
  try {
    for await (const event of events) {
      pending = nextTurn(pending ?? now(turn), event);
      pace.want();
    }
  } finally {
    pace.end();
    flush();
  }
}

async function* asTurnEvents(events: AsyncGenerator<ResponseEvent | null>): TurnEvents {
  for await (const event of events)
    yield event === null ? { type: 'placeless' } : { type: 'event', event, at: performance.now() };
}

/** Resolves after so many milliseconds. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function now(turn: Signal<Turn | null>): Turn {
  return turn.peek() ?? NEW_TURN;
}
