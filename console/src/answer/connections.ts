import { isResting } from '../feed/attention.ts';
import { ApiError } from '../feed/client.ts';
import { readResponse } from '../feed/conversations.ts';
import { type Release, takeStreamPlace } from '../feed/locks.ts';
import * as questions from '../feed/questions.ts';
import { until } from '../feed/until.ts';
import type { ResponseEvent, ResponseFacts } from './turn.ts';

/** How far an answer has been read. */
interface Place {
  /** Of the response; null before its first event. */
  id: string | null;
  /** Number of the last event; -1 before the first. */
  after: number;
}

type Events = (abort: AbortSignal) => AsyncGenerator<ResponseEvent>;

/** What comes of an answer; null where there is no place to stream it in, and nothing more comes before its end or a place. */
type Followed = AsyncGenerator<ResponseEvent | null>;

const POLL_MS = 1000;

/**
 * Asks, and gives the events of the answer. At most four answers are streamed at once, over all tabs: another one is asked for
 * now and then, and comes whole at its end, unless a place becomes free before. A page that rests lets its streams go, and
 * takes them up where they were. @throws ApiError
 */
export async function* ask(question: questions.AskedResponse, abort: AbortSignal): Followed {
  const place: Place = { id: null, after: -1 };
  const release = await takeStreamPlace();
  const isOver = yield* read((own) => questions.ask(question, own), place, release, abort);
  if (!isOver && place.id !== null) yield* takeUp(place.id, place.after, abort);
}

/** The events after one that is known; -1 for all. They come in the ways of {@link ask}. @throws ApiError */
export async function* takeUp(id: string, after: number, abort: AbortSignal): Followed {
  const place: Place = { id, after };
  for (let isForgotten = false; ; ) {
    await until(() => !isResting.value, abort);
    const release = isForgotten ? null : await takeStreamPlace();
    if (release === null) {
      yield null;
      const ending = await askForEnding(id, place, abort);
      if (ending !== null) return yield ending;
      continue;
    }
    try {
      if (yield* read((own) => questions.takeUp(id, place.after, own), place, release, abort)) return;
    } catch (error) {
      // The events of an answer are kept for some minutes; after that there is only the whole of it.
      if (!(error instanceof ApiError) || error.status !== 400) throw error;
      isForgotten = true;
    }
  }
}

/**
 * Reads a stream to its end, or lets it go once it can be taken up: at once where it has no place, else when the page rests.
 * @param release gives its place back; null where it has none
 * @returns false when it was let go
 */
async function* read(
  events: Events,
  place: Place,
  release: Release | null,
  abort: AbortSignal,
): AsyncGenerator<ResponseEvent, boolean> {
  const letGo = new AbortController();
  const look = (): void => {
    if (place.id !== null && (release === null || isResting.peek())) letGo.abort();
  };
  const stopLooking = isResting.subscribe(look);
  try {
    for await (const event of events(AbortSignal.any([abort, letGo.signal]))) {
      place.id ??= event.response?.id ?? null;
      place.after = event.sequence_number;
      yield event;
      look();
      // More of them may have come at once, which would be half a sentence and no more for a while.
      if (letGo.signal.aborted) return false;
    }
    return true;
  } catch (error) {
    if (abort.aborted || !letGo.signal.aborted) throw error;
    return false;
  } finally {
    stopLooking();
    release?.();
  }
}

/** The last event of an answer that has ended, as it would stand in its stream; null, after a while, where it has not. */
async function askForEnding(id: string, { after }: Place, abort: AbortSignal): Promise<ResponseEvent | null> {
  const response = await readResponse(id, abort);
  if (isRunning(response)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return null;
  }
  return { type: `response.${response.status}`, sequence_number: after + 1, response };
}

function isRunning({ status }: ResponseFacts): boolean {
  return status === 'queued' || status === 'in_progress';
}
