import { computed, signal } from '@preact/signals';

/** What stands before every path of the console. */
const BASE = '/console';

interface Place {
  /** Below `/console`, without a slash at its end: `/calls/abc`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

const address = signal(readAddress());

/** Where the browser is. */
export const place = computed<Place>(() => {
  const { pathname, search } = new URL(address.value, 'http://console');
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  return { path: path.replace(/\/+$/, '') || '/', query: new URLSearchParams(search) };
});

/** Goes to a path below `/console`, such as `/calls?model=demo`. @param replaces the place before it is not gone back to */
export function go(path: string, replaces = false): void {
  const target = BASE + path;
  if (target === address.peek()) return;
  if (replaces) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  address.value = target;
}

/** Where a path below `/console` is linked to. */
export function href(path: string): string {
  return BASE + path;
}

/** The path here with other values in its query; null takes one away. */
export function withQuery(changes: Readonly<Record<string, string | null>>): string {
  const { path, query } = place.peek();
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Follows links of the console without loading the page anew, and the browser's own way back. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    address.value = readAddress();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || !isPlainClick(event) || !isOurs(link)) return;
    event.preventDefault();
    go(link.pathname.slice(BASE.length) + link.search);
  });
}

function readAddress(): string {
  return location.pathname + location.search;
}

function isPlainClick(event: MouseEvent): boolean {
  const isChanged = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return event.button === 0 && !event.defaultPrevented && !isChanged;
}

function isOurs(link: HTMLAnchorElement): boolean {
  const isHere = link.origin === location.origin && link.target === '' && !link.hasAttribute('download');
  // A jump within the page is the browser's.
  return isHere && link.hash === '' && (link.pathname === BASE || link.pathname.startsWith(`${BASE}/`));
}
