import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Within so many pixels of its end a growing text is followed. */
const NEAR_END = 48;
/** A question that was sent stands at this part of the window. */
const SENT_AT = 1 / 3;

/** Where the reader is in what was said. */
export interface Following {
  /** Holds what was said. */
  readonly log: RefObject<HTMLDivElement | null>;
  /** Empty room below it, so that a question can stand high while its answer is short. */
  readonly room: RefObject<HTMLDivElement | null>;
  /** Whether the end is further down than what is seen. */
  readonly isAway: boolean;
  /** Goes to the end and follows it. */
  toEnd(): void;
}

/**
 * Follows the end of the log while it grows. Going up by wheel, finger or key, and marking a text, ends that at once;
 * coming back to the end begins it again. @param sent key of the question that was sent last on this page, else null
 */
export function useFollowing(sent: string | null): Following {
  const log = useRef<HTMLDivElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const [isAway, setAway] = useState(false);
  const look = useCallback((): void => {
    const hidden = hiddenBelow(log.current);
    if (hidden <= NEAR_END) isFollowing.current = true;
    setAway(hidden > NEAR_END && !isFollowing.current);
  }, []);
  const toEnd = useCallback((): void => {
    isFollowing.current = true;
    scrollBy({ top: hiddenBelow(log.current) });
    setAway(false);
  }, []);
  useEffect(() => {
    const grown = new ResizeObserver(() => {
      fitRoom(log.current, room.current);
      const hidden = hiddenBelow(log.current);
      if (isFollowing.current && hidden > 0) scrollBy({ top: hidden });
      else look();
    });
    if (log.current !== null) grown.observe(log.current);
    addEventListener('scroll', look, { passive: true });
    return () => {
      grown.disconnect();
      removeEventListener('scroll', look);
    };
  }, []);
  useReaderGoingUp(() => {
    isFollowing.current = false;
  });
  useLayoutEffect(() => {
    if (sent === null) return;
    isFollowing.current = true;
    fitRoom(log.current, room.current);
    const question = log.current?.querySelector(SENT);
    if (question) scrollBy({ top: question.getBoundingClientRect().top - innerHeight * SENT_AT });
  }, [sent]);
  return { log, room, isAway, toEnd };
}

/** Marks the question that was sent last. */
const SENT = '[data-sent]';

/** How many pixels of the log are below what is seen, which ends where the composer begins. */
function hiddenBelow(log: HTMLElement | null): number {
  if (log === null) return 0;
  const composer = document.querySelector('.composer')?.getBoundingClientRect().top ?? innerHeight;
  return log.getBoundingClientRect().bottom - Math.min(composer, innerHeight);
}

/** As much as the question and its answer leave of the window below its third. */
function fitRoom(log: HTMLElement | null, room: HTMLElement | null): void {
  const question = log?.querySelector(SENT);
  if (!log || !room || !question) return;
  const below = document.documentElement.scrollHeight - bottomOf(room);
  const used = log.getBoundingClientRect().bottom - question.getBoundingClientRect().top;
  room.style.height = `${Math.max(0, innerHeight * (1 - SENT_AT) - used - below)}px`;
}

/** From the top of the page. */
function bottomOf(element: HTMLElement): number {
  return element.getBoundingClientRect().bottom + scrollY;
}

const UPWARD_KEYS: ReadonlySet<string> = new Set(['PageUp', 'Home', 'ArrowUp']);

function useReaderGoingUp(stop: () => void): void {
  useEffect(() => {
    const wheel = ({ deltaY }: WheelEvent): void => void (deltaY < 0 && stop());
    const key = ({ key, target }: KeyboardEvent): void => {
      if (UPWARD_KEYS.has(key) && !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement))
        stop();
    };
    const marked = (): void => void (document.getSelection()?.type === 'Range' && stop());
    addEventListener('wheel', wheel, { passive: true });
    addEventListener('touchmove', stop, { passive: true });
    addEventListener('keydown', key);
    document.addEventListener('selectionchange', marked);
    return () => {
      removeEventListener('wheel', wheel);
      removeEventListener('touchmove', stop);
      removeEventListener('keydown', key);
      document.removeEventListener('selectionchange', marked);
    };
  }, []);
}
