import { ApiError, send } from '../feed/client.ts';
import { forgetAll, loadViewer, tabs } from './session.ts';

/**
 * Trades a key for a cookie that no script can read.
 * @param org the organisation to call for, of a key that serves several; empty for none in particular
 * @throws ApiError when it is not a key of this gateway; 403 `org_required`, `org_mismatch`
 */
export async function signIn(key: string, org: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, ...(org !== '' && { 'x-org-id': org }) };
  await send('/console/session', { method: 'POST', headers });
  tabs.postMessage('signed in');
  await loadViewer();
}

/** Ends the session and forgets everything on the page. One that is over needs no end. */
export async function signOut(): Promise<void> {
  try {
    await send('/console/session', { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return;
  }
  tabs.postMessage('signed out');
  forgetAll();
}
