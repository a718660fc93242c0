import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { href, place, startRouter } from './app/router.ts';
import { loadViewer, viewer, viewerProblem } from './app/session.ts';
import { type Destination, Shell } from './app/shell.tsx';
import './app/theme.css';
import { startTheme } from './app/theme.ts';
import { isKeyWanted } from './feed/client.ts';
import { Problem, Skeleton } from './parts/states.tsx';

interface Page extends Destination {
  readonly load: () => Promise<ComponentType>;
}

/** In the order of the navigation. */
const PAGES: readonly Page[] = [
  { path: '/', title: 'Chat', load: async () => (await import('./pages/chat/page.tsx')).ChatPage },
  { path: '/calls', title: 'Calls', load: async () => (await import('./pages/calls/page.tsx')).CallsPage },
  { path: '/health', title: 'Health', load: async () => (await import('./pages/health/page.tsx')).HealthPage },
  { path: '/models', title: 'Models', load: async () => (await import('./pages/models/page.tsx')).ModelsPage },
];

function App() {
  const { path } = place.value;
  const page = pageAt(path);
  return (
    <Shell destinations={PAGES} current={page}>
      {page === null ? <Unknown /> : viewer.value === null ? <Unseen /> : <Loaded key={page.path} page={page} />}
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
function pageAt(path: string): Page | null {
  const wanted = path.startsWith('/c/') ? '/' : path;
  return PAGES.find((one) => wanted === one.path || (one.path !== '/' && wanted.startsWith(`${one.path}/`))) ?? null;
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

startTheme();
startRouter();
findViewer(1000);
const root = document.getElementById('app');
// What the static page shows is replaced as a whole.
root?.replaceChildren();
if (root !== null) render(<App />, root);
