import './chart.css';

/** What lies over the colour of a series, so that it is told without one: nothing, lines of four ways, dots. */
const MARKS = [
  '',
  'M-2 2 2-2M0 8 8 0M6 10l4-4',
  'M2 2h1M6 6h1',
  'M-2 6l4 4M0 0l8 8M6-2l4 4',
  'M0 2h8M0 6h8',
  'M2 0v8M6 0v8',
];

/** The fill of a series, by its place: six are told apart. {@link Inks} has to be on the page. */
export function inkOf(series: number): string {
  return `url(#ink-${series % MARKS.length})`;
}

/** The inks of all charts, once on a page. */
export function Inks() {
  return (
    <svg class="hidden" aria-hidden="true">
      <defs>
        {MARKS.map((path, index) => (
          <pattern key={path} id={`ink-${index}`} width="8" height="8" patternUnits="userSpaceOnUse">
            <rect class={`ink ink-${index}`} width="8" height="8" />
            <path class="ink-mark" d={path} />
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** What a series looks like, beside its name. */
export function Swatch({ series }: { readonly series: number }) {
  return (
    <svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" fill={inkOf(series)} />
    </svg>
  );
}
