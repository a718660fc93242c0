import { moveRow, startShortcuts } from './keyboard.ts';
import { go } from './router.ts';
import { addShortcuts, type Shortcut } from './shortcuts.ts';

/** What stands over the page. */
export type Over = 'commands' | 'shortcuts';

/** Hears the keys from now on. */
export function startShellShortcuts(show: (over: Over) => void): void {
  addShortcuts(shortcutsOf(show));
  startShortcuts();
}

/** What works on every page. */
function shortcutsOf(show: (over: Over) => void): readonly Shortcut[] {
  return [
    {
      keys: 'Mod+K',
      title: 'Go to a page, a conversation or a model',
      where: 'Everywhere',
      run: () => show('commands'),
    },
    { keys: 'Mod+Shift+O', title: 'New chat', where: 'Everywhere', run: () => go('/') },
    { keys: '?', title: 'This list', where: 'Everywhere', run: () => show('shortcuts') },
    { keys: 'Escape', title: 'Close what stands open, stop what is answering', where: 'Everywhere' },
    { keys: 'j', title: 'Next row', where: 'Tables', run: () => moveRow(1) },
    { keys: 'k', title: 'Row before', where: 'Tables', run: () => moveRow(-1) },
    { keys: 'Enter', title: 'Open the row', where: 'Tables' },
  ];
}
