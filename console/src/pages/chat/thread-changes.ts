import { forgetConversation, retitle } from '../../answer/open-conversations.ts';
import { NO_SETTINGS } from '../../answer/settings.ts';
import { keepDraft } from '../../app/drafts.ts';
import { familyOf } from '../../feed/families.ts';
import { listFamily, removeThread, renameThread, type Thread } from '../../feed/threads.ts';
import { keepSettings } from './kept-settings.ts';
import { noteErased } from './listed-threads.ts';

/** The versions of a conversation are called alike. @throws ApiError */
export async function renameAll(thread: Thread, title: string): Promise<void> {
  for (const one of await versionsOf(thread)) retitle(await renameThread(one, title));
}

/** Erases a conversation with its versions. @throws ApiError */
export async function removeAll(thread: Thread): Promise<void> {
  for (const { id } of await versionsOf(thread)) {
    await removeThread(id);
    forgetConversation(id);
    noteErased(id);
    keepDraft(id, '');
    keepSettings(id, NO_SETTINGS);
  }
}

/** The one that was opened last of all: where something fails it is still in the list. */
async function versionsOf(thread: Thread): Promise<readonly Thread[]> {
  const family = await listFamily(familyOf(thread));
  return [...family.filter(({ id }) => id !== thread.id), thread];
}
