import type { Timeouts } from '../config/config.ts';
import { fail } from '../protocol/failure.ts';
import { isRecord, type JsonRecord, parseJson } from '../protocol/json.ts';
import { EventReader } from '../protocol/sse.ts';
import { drainForReuse, readBody, readText } from './body.ts';
import { maskFailure } from './mask-failure.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { type Opening, openAnswer } from './opening.ts';
import { Watchdog } from './watchdog.ts';

/** A question about what a provider keeps. */
export interface Lookup extends Omit<Opening, 'isStream'> {
  readonly timeouts: Timeouts;
  /** Aborts it; its reason is what is thrown. */
  readonly signal: AbortSignal;
}

/** Asks for an object. @throws AttemptError, or the signal's reason after an abort */
export function lookUp(lookup: Lookup): Promise<JsonRecord> {
  return guarded(lookup, async (watchdog) => {
    watchdog.expect('no whole answer', lookup.timeouts.responseMs);
    const text = await readText(await openAnswer({ ...lookup, isStream: false }, watchdog));
    const value = parseJson(text);
    return isRecord(value) ? value : fail('server', `The provider answered with no JSON object: ${text.slice(0, 200)}`);
  });
}

/**
 * Asks for events, to their end.
 * @param read is given the data of those of one network read; while its promise is pending nothing more is read
 * @throws AttemptError, or the signal's reason after an abort
 */
export function lookUpEvents(
  lookup: Lookup,
  read: (data: readonly string[]) => Promise<unknown> | undefined,
): Promise<void> {
  return guarded(lookup, async (watchdog) => {
    watchdog.expect('no event', lookup.timeouts.firstTokenMs);
    const body = await openAnswer({ ...lookup, isStream: true }, watchdog);
    const events = new EventReader();
    const expectMore = (): void => watchdog.expect('nothing more', lookup.timeouts.idleMs);
    let full: Promise<unknown> | undefined;
    await readBody(body, {
      read(bytes) {
        full = read(events.read(bytes));
        if (full) watchdog.pause();
        else expectMore();
        return full?.then(expectMore);
      },
      isEnough: () => false,
    });
    // The end of the body may come with its last bytes.
    await full;
    await read(events.end());
    drainForReuse(body);
  });
}

async function guarded<Result>(lookup: Lookup, work: (watchdog: Watchdog) => Promise<Result>): Promise<Result> {
  const watchdog = new Watchdog(lookup.signal);
  try {
    return await work(watchdog);
  } catch (error) {
    watchdog.abort(new Error('The answer is not read any more.'));
    if (lookup.signal.aborted) throw lookup.signal.reason;
    throw maskFailure(toUpstreamFailure(error, 'interrupted'), lookup.provider);
  } finally {
    watchdog.stop();
  }
}
