import { useState } from 'preact/hooks';
import { place } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { ownerOf, type SomeCall } from '../../feed/calls.ts';
import { awaySince } from '../../feed/client.ts';
import { live } from '../../feed/live-state.ts';
import { Icon } from '../../parts/icons.tsx';
import { later } from '../../parts/later.tsx';
import { Skeleton } from '../../parts/states.tsx';
import '../../parts/drawer.css';
import './calls.css';
import { Ended } from './ended.tsx';
import { InFlight } from './in-flight.tsx';

const Drawer = later(
  async () => (await import('./drawer.tsx')).Drawer,
  <aside class="drawer" aria-label="Call">
    <Skeleton rows={5} />
  </aside>,
);

/** Calls in flight and ended; `/calls/:id` opens one beside them. */
export function CallsPage() {
  const [chosen, choose] = useState<SomeCall | null>(null);
  const [isPaused, pause] = useState(false);
  const id = idIn(place.value.path);
  const owner = place.value.query.get('owner');
  const isOpen = (call: SomeCall): boolean => call.id === id && (owner === null || ownerOf(call) === owner);
  return (
    <>
      <div class="heading">
        <h1>Calls</h1>
        <Freshness isPaused={isPaused} />
        {viewer.value?.is_admin === false && <span class="quiet">of your key alone</span>}
        <button class="button end" type="button" aria-pressed={isPaused} onClick={() => pause(!isPaused)}>
          <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Go on' : 'Pause'}
        </button>
      </div>
      <div class={id === null ? 'calls' : 'calls has-drawer'}>
        <div class="lists">
          <InFlight isOpen={isOpen} onOpen={choose} isPaused={isPaused} />
          <Ended isOpen={isOpen} onOpen={choose} isPaused={isPaused} />
        </div>
        {id !== null && (
          <Drawer
            key={`${owner} ${id}`}
            id={id}
            owner={owner}
            known={chosen !== null && isOpen(chosen) ? chosen : null}
          />
        )}
      </div>
    </>
  );
}

/** Whether what is shown is told as it happens, or asked for now and then. */
function Freshness({ isPaused }: { readonly isPaused: boolean }) {
  if (awaySince.value !== null) return <span class="quiet">as last known</span>;
  if (isPaused) return <span class="quiet">paused</span>;
  if (live.value === null) return <span class="quiet late">asked for every second</span>;
  return (
    <span class="good">
      <Icon name="live" /> live
    </span>
  );
}

function idIn(path: string): string | null {
  const [, , id] = path.split('/');
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    // A cut address: no call has this name, and the drawer says so.
    return id;
  }
}
