import { type Signal, signal } from '@preact/signals';
import { type ChatSettings, readSettings, writeSettings } from '../../answer/settings.ts';
import { keepDraft, readDraft } from '../../app/drafts.ts';

const known = new Map<string, Signal<ChatSettings>>();

/** How a conversation is answered; kept in this browser as drafts are. @param thread an id, or `new` */
export function settingsOf(thread: string): Signal<ChatSettings> {
  const found = known.get(thread) ?? signal(readSettings(readDraft(`settings-${thread}`)));
  known.set(thread, found);
  return found;
}

/** Keeps how a conversation is answered. */
export function keepSettings(thread: string, settings: ChatSettings): void {
  settingsOf(thread).value = settings;
  keepDraft(`settings-${thread}`, writeSettings(settings));
}
