import { useEffect, useRef, useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { listInFlight } from '../../feed/calls.ts';
import { awaySince } from '../../feed/client.ts';
import { live } from '../../feed/live-state.ts';
import { usePoll } from '../../feed/poll.ts';
import { askedFor, createSpeed, type Flight, type FlightRow, inPlace, toldBy } from './flight.ts';

/** Between two looks where the live feed is not on, and between two steps of an age. */
const EVERY_MS = 1000;

/** What runs: by the live feed, else asked for every second; while it is paused, as it was. */
export function useFlight(isPaused: boolean) {
  const feed = live.value;
  const isAdmin = viewer.value?.is_admin === true;
  const speed = useRef(createSpeed());
  const { data, error, isSlow, reload } = usePoll(
    async (abort) => {
      const page = await listInFlight(isAdmin, abort);
      return askedFor(page, speed.current(page.data, performance.now()), Date.now());
    },
    feed === null ? 'in-flight' : null,
    isPaused ? null : EVERY_MS,
  );
  const shown = useRef<Flight | null>(null);
  // Between the feed and the first answer without it, what was known last stays.
  const latest = feed === null ? data : toldBy(feed);
  if (!isPaused || shown.current === null) shown.current = latest ?? shown.current;
  useSteps(!isPaused && awaySince.value === null && shown.current !== null && shown.current.total > 0);
  return { flight: shown.current, error, isSlow, reload };
}

/**
 * The rows of the table; while the pointer or the focus is in it they keep their places: a button to cancel must not move away
 * under either. The rest is for the element around the table.
 */
export function useSteady(flight: Flight | null) {
  const ref = useRef<HTMLDivElement>(null);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const kept = useRef<readonly FlightRow[]>([]);
  const running = flight?.calls ?? [];
  kept.current = isPointed || isFocused ? inPlace(kept.current, running, live.value?.ended ?? []) : running;
  useEffect(() => {
    // A button that goes away with its call takes the focus with it, and browsers tell of no blur.
    if (isFocused && ref.current?.contains(document.activeElement) !== true) setFocused(false);
  });
  return {
    rows: kept.current,
    ref,
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocusCapture: () => setFocused(true),
    onBlurCapture: () => setFocused(false),
  };
}

/** Draws again every second, for ages. */
function useSteps(isOn: boolean): void {
  const [, step] = useState(0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => step((steps) => steps + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, [isOn]);
}
