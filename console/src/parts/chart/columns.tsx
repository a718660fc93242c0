import { useState } from 'preact/hooks';

/** A stretch of time in a chart. */
export interface Bucket {
  /** In full: `Tue 24 Nov`. */
  readonly title: string;
  /** As it stands below the chart: `24 Nov`. */
  readonly short: string;
  /** Where its calls are linked to; null where they are not. */
  readonly link: string | null;
}

interface ColumnsProps {
  readonly label: string;
  readonly buckets: readonly Bucket[];
  /** What a stretch has, in words. */
  readonly words: (at: number) => string;
  /** Told which one is pointed at, or has the focus; null when none is. */
  readonly onLook: (at: number | null) => void;
}

/** The places of a chart, over the drawing: to point at, and where they lead somewhere one stop of the Tab key with arrows inside. */
export function Columns({ label, buckets, words, onLook }: ColumnsProps) {
  const [current, setCurrent] = useState(buckets.length - 1);
  // Fewer may have come than there were.
  const stop = Math.min(current, buckets.length - 1);
  const look = (at: number): void => {
    setCurrent(at);
    onLook(at);
  };
  const isLinked = buckets.some(({ link }) => link !== null);
  return (
    <ul
      class="columns"
      aria-label={isLinked ? `${label}, each with its calls` : undefined}
      aria-hidden={isLinked ? undefined : true}
      onKeyDown={(event) => moveByArrow(event, stop)}
      onPointerLeave={() => onLook(null)}
      onBlurCapture={() => onLook(null)}
    >
      {buckets.map(({ title, link }, at) => (
        <li key={title} onPointerEnter={() => onLook(at)}>
          {link !== null && (
            <a href={link} tabIndex={at === stop ? 0 : -1} onFocus={() => look(at)}>
              <span class="hidden">{words(at)}</span>
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

function moveByArrow(event: KeyboardEvent & { readonly currentTarget: HTMLElement }, from: number): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
  event.currentTarget.querySelectorAll('a')[from + step]?.focus();
  event.preventDefault();
}
