import { signal } from '@preact/signals';
import { ApiError, getJson, isKeyWanted, send } from '../feed/client.ts';
import { forgetDrafts } from './drafts.ts';

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

/** Why the gateway does not say who looks; null where a missing key or a gateway that is away is the reason. */
export const viewerProblem = signal<ApiError | null>(null);

/** Asks the gateway who is looking. What goes wrong is shown by the state it leaves. */
export async function loadViewer(): Promise<void> {
  try {
    const { data } = await getJson<{ data: Viewer }>('/v1/key');
    viewer.value = data;
    viewerProblem.value = null;
    isKeyWanted.value = false;
  } catch (error) {
    // A missing key opens the form, a gateway that is away the banner: both come from feed/client.ts.
    const refused = error instanceof ApiError && error.status !== 0 && error.status !== 401 ? error : null;
    viewerProblem.value = refused;
    // The key of the session may not come in any more; another one may.
    if (refused?.status === 403) isKeyWanted.value = true;
  }
}

/**
 * Trades a key for a cookie that no script can read. Another key than before finds nothing of what that one has seen.
 * @throws ApiError when it is not a key of this gateway
 */
export async function signIn(key: string): Promise<void> {
  const before = viewer.peek();
  await send('/console/session', { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  await loadViewer();
  const now = viewer.peek();
  if (before !== null && (before.name !== now?.name || before.hash !== now.hash)) forgetAll();
}

/** Ends the session and forgets everything on the page. @throws ApiError */
export async function signOut(): Promise<void> {
  await send('/console/session', { method: 'DELETE' });
  forgetAll();
}

function forgetAll(): void {
  forgetDrafts();
  location.reload();
}
