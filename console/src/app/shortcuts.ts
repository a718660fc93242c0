import { signal } from '@preact/signals';

/** What keys do. */
export interface Shortcut {
  /** Pressed together, `+` between them: `Mod+Shift+O`, `Alt+ArrowUp`, `j`, `?`. `Mod` is ⌘ on a Mac, else Ctrl. */
  readonly keys: string;
  /** What it does, in a few words. */
  readonly title: string;
  /** Where it does so: the heading that it is listed under. */
  readonly where: string;
  /** Left out where what has the focus hears the keys itself: then they are listed alone. */
  readonly run?: () => void;
}

/** All that work now, in the order in which they were added. */
export const shortcuts = signal<readonly Shortcut[]>([]);

/** Adds keys that work until the function that comes back is called; the list of shortcuts shows them as long. */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  shortcuts.value = [...shortcuts.peek(), ...added];
  return () => {
    shortcuts.value = shortcuts.peek().filter((one) => !added.includes(one));
  };
}

const STORED_AS = 'sluice-letters';

/** Whether keys work that are a single sign: dictation and some aids press those by accident. */
export const lettersWork = signal(readLetters());

/** Switches keys that are a single sign on or off, for this browser. */
export function letLettersWork(areOn: boolean): void {
  lettersWork.value = areOn;
  try {
    if (areOn) localStorage.removeItem(STORED_AS);
    else localStorage.setItem(STORED_AS, 'off');
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

function readLetters(): boolean {
  try {
    return localStorage.getItem(STORED_AS) !== 'off';
  } catch {
    return true;
  }
}

/** A key that is pressed, and what is held with it, as the browser tells it. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Whether these are the keys of an event. */
export function isPressed(keys: string, event: KeyPress): boolean {
  const names = keys.split('+');
  const key = names.at(-1) ?? '';
  const wants = (name: string): boolean => names.slice(0, -1).includes(name);
  const isMod = event.ctrlKey || event.metaKey;
  // A sign such as ? may need Shift to be written.
  const isShift = isSingle(keys) || wants('Shift') === event.shiftKey;
  return (
    key.toLowerCase() === event.key.toLowerCase() && wants('Mod') === isMod && wants('Alt') === event.altKey && isShift
  );
}

/** True for keys that are a letter or a sign alone. */
export function isSingle(keys: string): boolean {
  return keys.length === 1;
}
