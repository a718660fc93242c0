import { signal } from '@preact/signals';
import { ApiError, getJson, isKeyWanted } from '../feed/client.ts';
import type { MeBody } from '../feed/wire.ts';
import { forgetDrafts } from './drafts.ts';

/** Who looks at the pages, and what the gateway has for them. The name is `anonymous` where it asks for no keys. */
export interface Viewer
  extends Pick<MeBody['key'], 'name' | 'hash' | 'org' | 'is_admin' | 'manages' | 'routes'>,
    Omit<MeBody, 'object' | 'key'> {}

/** What one tab does to the session is told to the others. */
export const tabs = new BroadcastChannel('sluice-session');

/** Null until it is known. */
export const viewer = signal<Viewer | null>(null);

/** Why the gateway does not say who looks; null where a missing key or a gateway that is away is the reason. */
export const viewerProblem = signal<ApiError | null>(null);

/**
 * Asks the gateway who is looking. What goes wrong is shown by the state it leaves. Another key than before, or one with
 * other rights, finds nothing of what was seen before.
 */
export async function loadViewer(): Promise<void> {
  const before = viewer.peek();
  try {
    const { object: _object, key, ...gateway } = await getJson<MeBody>('/v1/me');
    viewer.value = { ...key, ...gateway };
    viewerProblem.value = null;
    isKeyWanted.value = false;
    if (before === null) return;
    if (!isSameKey(before, viewer.value)) forgetAll();
    else if (!hasSameRights(before, viewer.value)) location.reload();
  } catch (error) {
    // A missing key opens the form, a gateway that is away the banner: both come from feed/client.ts.
    const refused = error instanceof ApiError && error.status !== 0 && error.status !== 401 ? error : null;
    viewerProblem.value = refused;
    // The key of the session may not come in any more; another one may.
    if (refused?.status === 403) isKeyWanted.value = true;
  }
}

/** The tabs of a browser have one session: what one of them does to it holds for all. */
export function followOtherTabs(): void {
  tabs.onmessage = ({ data }) => {
    if (data === 'signed out') location.reload();
    else void loadViewer();
  };
}

function isSameKey(one: Viewer, other: Viewer): boolean {
  return one.name === other.name && one.hash === other.hash && one.org === other.org;
}

function hasSameRights(one: Viewer, other: Viewer): boolean {
  return one.is_admin === other.is_admin && one.manages === other.manages;
}

/** Begins anew, without what the key before has seen. */
export function forgetAll(): void {
  forgetDrafts();
  location.reload();
}
