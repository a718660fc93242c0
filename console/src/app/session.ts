import { signal } from '@preact/signals';
import { getJson, isKeyWanted, send } from '../feed/client.ts';

/** Who looks at the pages, as far as the pages depend on it. */
export interface Viewer {
  /** Of the key; `anonymous` where the gateway has none. */
  readonly name: string;
  /** Of a key that was made at run time; else null. */
  readonly hash: string | null;
  readonly is_admin: boolean;
}

/** Null until it is known. */
export const viewer = signal<Viewer | null>(null);

/** Asks the gateway who is looking. What goes wrong is shown by the state it leaves: no key, or no gateway. */
export async function loadViewer(): Promise<void> {
  try {
    const { data } = await getJson<{ data: Viewer }>('/v1/key');
    viewer.value = data;
    isKeyWanted.value = false;
  } catch {
    // A missing key opens the form, a gateway that is away the banner: both come from feed/client.ts.
  }
}

/** Trades a key for a cookie that no script can read. @throws ApiError when it is not a key of this gateway */
export async function signIn(key: string): Promise<void> {
  await send('/console/session', { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  await loadViewer();
}

/** Ends the session and forgets everything on the page. @throws ApiError */
export async function signOut(): Promise<void> {
  await send('/console/session', { method: 'DELETE' });
  location.reload();
}
