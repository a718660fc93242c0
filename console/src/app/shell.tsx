import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { awaySince, isKeyWanted, lastContact } from '../feed/client.ts';
import { isStopping } from '../feed/readiness.ts';
import { clockTime } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { later } from '../parts/later.tsx';
import { type Destination, Navigation } from './navigation.tsx';
import { href } from './router.ts';
import { viewer } from './session.ts';
import type { Over } from './shell-shortcuts.ts';
import './away.css';
import { switchTheme, theme } from './theme.ts';

interface ShellProps {
  readonly destinations: readonly Destination[];
  readonly current: Destination | null;
  readonly children: ComponentChildren;
}

const Commands = later(async () => (await import('./commands.tsx')).Commands);
const SignIn = later(async () => (await import('./sign-in.tsx')).SignIn);
const ShortcutList = later(async () => (await import('./shortcut-list.tsx')).ShortcutList);

/** What stands around every page. */
export function Shell({ destinations, current, children }: ShellProps) {
  useEffect(() => {
    document.title = current === null ? 'Sluice' : `${current.title} · Sluice`;
  }, [current]);
  const [over, show] = useState<Over | null>(null);
  // A dialog tells of its end a moment later, when another one may stand open.
  const close = (ended: Over): void => show((now) => (now === ended ? null : now));
  // No part of what is shown first: keys are pressed later.
  useEffect(() => void import('./shell-shortcuts.ts').then(({ startShellShortcuts }) => startShellShortcuts(show)), []);
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href={href('/')}>
          Sluice
        </a>
        <Navigation destinations={destinations} current={current} />
        <div class="owner">
          <Owner />
          <button class="button plain" type="button" onClick={() => show('commands')} aria-label="Go to">
            <Icon name="search" />
          </button>
          <button
            class="button plain"
            type="button"
            onClick={switchTheme}
            aria-label={`Colours: ${theme.value}. Change`}
          >
            <Icon name={theme.value} />
          </button>
        </div>
      </header>
      <Away />
      <main class={awaySince.value === null ? 'page' : 'page dim'} id="page" tabIndex={-1}>
        {children}
      </main>
      {over === 'commands' && (
        <Commands destinations={destinations} onClose={() => close('commands')} onShortcuts={() => show('shortcuts')} />
      )}
      {over === 'shortcuts' && <ShortcutList onClose={() => close('shortcuts')} />}
      {isKeyWanted.value && <SignIn />}
    </>
  );
}

/** Without keys there is no one to name, and nothing to sign out of. */
function Owner() {
  const looks = viewer.value;
  if (looks === null || looks.auth === 'none') return null;
  return (
    <>
      <span title={`The key you are signed in with: ${looks.name}`}>{looks.name}</span>
      <button class="button plain leave" type="button" onClick={() => void leave()}>
        Sign out
      </button>
    </>
  );
}

async function leave(): Promise<void> {
  await (await import('./signing.ts')).signOut();
}

/** Over the page wherever it is scrolled to. */
function Away() {
  const isAway = awaySince.value !== null;
  if (!isStopping.value && !isAway) return null;
  const last = lastContact.value;
  const since = last === null || !isAway ? '' : `; it last answered at ${clockTime(last)}`;
  // What runs on is not known of one that does not answer.
  const running = isAway ? '' : ' Answers that are coming run on.';
  return (
    <p class="notice warning away" role="alert">
      {isStopping.value
        ? `The gateway is restarting${since}.${running} What you send waits until it is back.`
        : `The gateway cannot be reached${since}. What you see may be out of date. It is tried again.`}
    </p>
  );
}
