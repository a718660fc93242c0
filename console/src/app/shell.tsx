import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { ApiError, awaySince, isKeyWanted, lastContact } from '../feed/client.ts';
import { clockTime } from '../parts/format.ts';
import { Icon } from '../parts/icons.tsx';
import { href } from './router.ts';
import { signOut, viewer } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { switchTheme, theme } from './theme.ts';

/** A page that the navigation leads to. */
export interface Destination {
  readonly path: string;
  readonly title: string;
}

interface ShellProps {
  readonly destinations: readonly Destination[];
  readonly current: Destination | null;
  readonly children: ComponentChildren;
}

/** What stands around every page. */
export function Shell({ destinations, current, children }: ShellProps) {
  useEffect(() => {
    document.title = current === null ? 'Sluice' : `${current.title} · Sluice`;
  }, [current]);
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href={href('/')}>
          Sluice
        </a>
        <nav class="nav" aria-label="Pages">
          {destinations.map(({ path, title }) => (
            <a key={path} href={href(path)} aria-current={path === current?.path ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Owner />
        <button class="button plain" type="button" onClick={switchTheme} aria-label={`Colours: ${theme.value}. Change`}>
          <Icon name={theme.value} />
        </button>
      </header>
      <Away />
      <main class="page" id="page" tabIndex={-1}>
        {children}
      </main>
      {isKeyWanted.value && <SignIn />}
    </>
  );
}

/** Without keys there is no one to name, and nothing to sign out of. */
function Owner() {
  const name = viewer.value?.name;
  if (name === undefined || name === 'anonymous') return <span class="owner" />;
  return (
    <span class="owner">
      <span title="The key you are signed in with">{name}</span>
      <button class="button plain" type="button" onClick={() => void signOut().catch(ignoreRefusal)}>
        Sign out
      </button>
    </span>
  );
}

/** A session that is over needs no end. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
}

function Away() {
  if (awaySince.value === null) return null;
  const last = lastContact.value;
  return (
    <p class="notice warning" role="alert">
      The gateway cannot be reached{last === null ? '' : `; it last answered at ${clockTime(last)}`}. What you see may
      be out of date. It is tried again.
    </p>
  );
}
