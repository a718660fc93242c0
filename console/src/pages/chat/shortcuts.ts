import type { Conversation } from '../../answer/conversation.ts';
import { addShortcuts, type Shortcut } from '../../app/shortcuts.ts';

const WHERE = 'Chat';

const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'Enter', title: 'Send', where: WHERE },
  { keys: 'Shift+Enter', title: 'New line', where: WHERE },
  { keys: 'ArrowUp', title: 'In an empty box: change the last question', where: WHERE },
  { keys: '/', title: 'To the box for the message', where: WHERE, run: () => focusOn('.composer textarea') },
  { keys: 'Alt+ArrowUp', title: 'Message before', where: WHERE, run: () => moveMessage(-1) },
  { keys: 'Alt+ArrowDown', title: 'Next message', where: WHERE, run: () => moveMessage(1) },
];

/** The keys of the page. @returns takes them away */
export function addChatKeys(): () => void {
  return addShortcuts(SHORTCUTS);
}

/** What adds the key that stops an answer wherever the focus is, and takes it away again. */
export function stopKeyOf(conversation: Conversation): () => () => void {
  return () => addShortcuts([{ keys: 'Escape', title: 'Stop', where: WHERE, run: () => void conversation.stop() }]);
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** From the message that has the focus, else from below the last one; behind the last one is the box. */
function moveMessage(step: 1 | -1): void {
  const messages = [...document.querySelectorAll<HTMLElement>('[role="log"] .message')];
  const at = messages.findIndex((message) => message.contains(document.activeElement));
  const next = (at < 0 ? messages.length : at) + step;
  if (next >= messages.length) focusOn('.composer textarea');
  else messages[Math.max(0, next)]?.focus();
}
