import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Destination } from './app/navigation.tsx';
import { href, place, startRouter } from './app/router.ts';
import { followOtherTabs, loadViewer, type Viewer, viewer, viewerProblem } from './app/session.ts';
import { Shell } from './app/shell.tsx';
import './app/theme.css';
import { startTheme } from './app/theme.ts';
import { isKeyWanted } from './feed/client.ts';
import { Problem, Skeleton } from './parts/states.tsx';

interface Page extends Destination {
  /** Who finds it; for others it is not there. Missing: everybody. */
  readonly isFor?: (viewer: Viewer) => boolean;
  readonly load: () => Promise<ComponentType>;
}

/** In the order of the navigation. */
const PAGES: readonly Page[] = [
  { path: '/', title: 'Chat', load: async () => (await import('./pages/chat/page.tsx')).ChatPage },
  { path: '/compare', title: 'Compare', load: async () => (await import('./pages/compare/page.tsx')).ComparePage },
  { path: '/calls', title: 'Calls', load: async () => (await import('./pages/calls/page.tsx')).CallsPage },
  { path: '/usage', title: 'Usage', load: async () => (await import('./pages/usage/page.tsx')).UsagePage },
  { path: '/health', title: 'Health', load: async () => (await import('./pages/health/page.tsx')).HealthPage },
  { path: '/models', title: 'Models', load: async () => (await import('./pages/models/page.tsx')).ModelsPage },
  {
    path: '/keys',
    title: 'Keys',
    isFor: ({ manages }) => manages !== 'nothing',
    load: async () => (await import('./pages/keys/page.tsx')).KeysPage,
  },
  {
    path: '/config',
    title: 'Config',
    isFor: ({ is_admin: isAdmin }) => isAdmin,
    load: async () => (await import('./pages/config/page.tsx')).ConfigPage,
  },
];

function App() {
  const { path } = place.value;
  const who = viewer.value;
  const seen = PAGES.filter(({ isFor }) => isFor === undefined || (who !== null && isFor(who)));
  const page = pageAt(path, who === null ? PAGES : seen);
  return (
    <Shell destinations={seen} current={page}>
      {page === null ? <Unknown /> : who === null ? <Unseen /> : <Loaded key={page.path} page={page} />}
    </Shell>
  );
}

/** While it is not known who looks. */
function Unseen() {
  const error = viewerProblem.value;
  if (error === null) return <Skeleton rows={6} />;
  return <Problem message={error.message} error={error} retry={() => void loadViewer()} />;
}

/** `/` is Chat with nothing said yet, `/c/:id` one that has been. */
function pageAt(path: string, pages: readonly Page[]): Page | null {
  const wanted = path.startsWith('/c/') ? '/' : path;
  return pages.find((one) => wanted === one.path || (one.path !== '/' && wanted.startsWith(`${one.path}/`))) ?? null;
}

function Loaded({ page }: { readonly page: Page }) {
  const [found, setFound] = useState<{ readonly Content: ComponentType } | 'failed' | null>(null);
  useEffect(() => {
    page.load().then(
      (Content) => setFound({ Content }),
      () => setFound('failed'),
    );
  }, [page]);
  if (found === null) return <Skeleton rows={6} />;
  if (found !== 'failed') return <found.Content />;
  return <Problem message="This page could not be loaded: the gateway is away, or was updated." retry={reloadAll} />;
}

function reloadAll(): void {
  location.reload();
}

function Unknown() {
  return (
    <section>
      <h1>There is no such page</h1>
      <p>
        <a href={href('/')}>Back to the beginning</a>
      </p>
    </section>
  );
}

/** Asks who looks until the gateway has answered: nothing else can be shown before. */
function findViewer(waitMs: number): void {
  void loadViewer().then(() => {
    if (viewer.peek() !== null || isKeyWanted.peek()) return;
    setTimeout(() => findViewer(Math.min(15_000, waitMs * 2)), waitMs);
  });
}

/** The feed is read as soon as it is known for whom; its program is no part of what is shown first. */
function followLive(): void {
  const stop = viewer.subscribe((known) => {
    if (known === null) return;
    queueMicrotask(() => stop());
    void import('./feed/live.ts').then(({ startLive }) => startLive(loadViewer));
  });
}

startTheme();
startRouter();
findViewer(1000);
followLive();
followOtherTabs();
const root = document.getElementById('app');
// What the static page shows is replaced as a whole.
root?.replaceChildren();
if (root !== null) render(<App />, root);
