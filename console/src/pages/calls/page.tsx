import { useState } from 'preact/hooks';
import { place } from '../../app/router.ts';
import type { SomeCall } from '../../feed/calls.ts';
import './calls.css';
import { Drawer } from './drawer.tsx';
import { Ended } from './ended.tsx';
import { InFlight } from './in-flight.tsx';

/** Calls in flight and ended; `/calls/:id` opens one beside them. */
export function CallsPage() {
  const [chosen, choose] = useState<SomeCall | null>(null);
  const id = idIn(place.value.path);
  const owner = place.value.query.get('owner');
  return (
    <>
      <h1>Calls</h1>
      <div class={id === null ? 'calls' : 'calls has-drawer'}>
        <div class="lists">
          <InFlight openId={id} onOpen={choose} />
          <Ended openId={id} onOpen={choose} />
        </div>
        {id !== null && <Drawer key={id} id={id} owner={owner} known={chosen?.id === id ? chosen : null} />}
      </div>
    </>
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
