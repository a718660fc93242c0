import { useState } from 'preact/hooks';
import { callsInFlight } from '../feed/live-state.ts';
import { later } from '../parts/later.tsx';
import { href } from './router.ts';

const MorePages = later(async () => (await import('./more-pages.tsx')).MorePages);

const HealthSign = later(async () => (await import('./health-sign.tsx')).HealthSign);

/** A page that the navigation leads to. */
export interface Destination {
  readonly path: string;
  readonly title: string;
}

interface NavigationProps {
  readonly destinations: readonly Destination[];
  readonly current: Destination | null;
}

/** What the bar of a small screen has room for; the others are behind More. */
const IN_BAR: ReadonlySet<string> = new Set(['/', '/calls', '/usage', '/health']);

/** Links to all pages: in the head of the page, on a small screen in a bar below it. */
export function Navigation({ destinations, current }: NavigationProps) {
  const [isMore, showMore] = useState(false);
  const rest = destinations.filter(({ path }) => !IN_BAR.has(path));
  const isInRest = current !== null && rest.includes(current);
  return (
    <>
      <nav class="nav" aria-label="Pages">
        {destinations.map((one) => (
          <PageLink key={one.path} page={one} current={current} class={IN_BAR.has(one.path) ? '' : 'rest'} />
        ))}
        {rest.length > 0 && (
          <button
            class="more"
            type="button"
            aria-haspopup="dialog"
            aria-current={isInRest ? 'true' : undefined}
            onClick={() => showMore(true)}
          >
            More
          </button>
        )}
      </nav>
      {isMore && <MorePages destinations={rest} current={current} onClose={() => showMore(false)} />}
    </>
  );
}

interface PageLinkProps {
  readonly page: Destination;
  readonly current: Destination | null;
  readonly class: string;
  readonly onClick?: () => void;
}

/** A link to a page, marked where it is the one that is shown. */
export function PageLink({ page: { path, title }, current, class: looks, onClick }: PageLinkProps) {
  return (
    <a class={looks} href={href(path)} aria-current={path === current?.path ? 'page' : undefined} onClick={onClick}>
      {title}
      {path === '/calls' && <CallCount />}
      {path === '/health' && <HealthSign />}
    </a>
  );
}

/** How many calls run, where the live feed tells it; the name of the link stays. */
function CallCount() {
  const calls = callsInFlight.value;
  return calls === null || calls === 0 ? null : <span aria-hidden="true"> ({calls})</span>;
}
