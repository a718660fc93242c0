import { Dialog } from '../parts/dialog.tsx';
import { ApiLink } from './api-link.tsx';
import { type Destination, PageLink } from './navigation.tsx';
import { viewer } from './session.ts';
import { signOut } from './signing.ts';

interface MorePagesProps {
  readonly destinations: readonly Destination[];
  readonly current: Destination | null;
  readonly onClose: () => void;
}

/** What a small screen has no room for: the other pages, what the API is, and the way out. */
export function MorePages({ destinations, current, onClose }: MorePagesProps) {
  return (
    <Dialog title="More pages" onClose={onClose}>
      <ul class="choices">
        {destinations.map((one) => (
          <li key={one.path}>
            <PageLink page={one} current={current} class="choice" onClick={onClose} />
          </li>
        ))}
        <li>
          <ApiLink class="choice" />
        </li>
        <SignOut />
      </ul>
      <button class="button" type="button" onClick={onClose}>
        Close
      </button>
    </Dialog>
  );
}

/** In the head of a small page there is no room for it, nor for a long name. */
function SignOut() {
  const looks = viewer.value;
  if (looks === null || looks.auth === 'none') return null;
  return (
    <li>
      <button class="choice" type="button" onClick={() => void signOut()}>
        <span>Sign out of {looks.name}</span>
      </button>
    </li>
  );
}
