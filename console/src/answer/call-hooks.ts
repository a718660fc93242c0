import { useEffect, useState } from 'preact/hooks';
import { live } from '../feed/live-state.ts';
import { type Polled, usePoll } from '../feed/poll.ts';
import { findRecord, readCall } from '../feed/records.ts';
import type { CallSummary, EndedBody } from '../feed/wire.ts';
import { knownRecords, noteRecord } from './known-records.ts';
import type { Origin } from './parts.ts';

/** What is on record of the call that an answer is of; `data.call` is null where nothing is. @param isFresh it may be about to be written */
export function useRecord(
  origin: Origin | null,
  isWanted: boolean,
  isFresh: boolean,
): Polled<{ readonly call: EndedBody | null }> {
  const key = origin === null || !isWanted ? null : `record ${origin.id}`;
  const read = async (abort: AbortSignal): Promise<{ readonly call: EndedBody | null }> => {
    if (origin === null) return { call: null };
    const call = knownRecords.peek().get(origin.id) ?? (await findRecord(origin, isFresh, abort));
    noteRecord(origin.id, call);
    return { call };
  };
  return usePoll(read, key, null);
}

const LOOK_MS = 1000;

/** One's own call while it runs, as the gateway sees it now: from the live feed, else asked for once a second. Null before that is known, and for `id: null`. */
export function useCallInFlight(id: string | null): CallSummary | null {
  const key = id === null || live.value !== null ? null : `call ${id}`;
  const asked = usePoll((abort) => readCall(id ?? '', abort), key, LOOK_MS).data;
  const told = [...(live.value?.calls.values() ?? [])].find(({ call }) => call.id === id);
  return told?.call ?? asked;
}

/** Milliseconds since it was first drawn, told again every so often. */
export function useAge(everyMs: number): number {
  const [began] = useState(() => performance.now());
  const [age, setAge] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setAge(performance.now() - began), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return age;
}
