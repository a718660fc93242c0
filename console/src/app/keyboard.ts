import { isPressed, isSingle, lettersWork, shortcuts } from './shortcuts.ts';

/** Hears all keys of the page, but for those of an open dialog. */
export function startShortcuts(): void {
  document.addEventListener('keydown', (event) => {
    // Chrome tells of a form that it has filled in as of a key that has no name.
    if (
      event.key === undefined ||
      event.defaultPrevented ||
      event.isComposing ||
      document.querySelector('dialog[open]') !== null
    )
      return;
    const meant = shortcuts.peek().findLast(({ keys, run }) => run !== undefined && isPressed(keys, event));
    if (meant === undefined || (isSingle(meant.keys) && (!lettersWork.peek() || isWriting(event.target)))) return;
    event.preventDefault();
    meant.run?.();
  });
}

const NO_TEXT: ReadonlySet<string> = new Set(['checkbox', 'radio', 'button', 'submit', 'range']);

/** Where letters are written or looked for, they are no shortcuts. */
function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !NO_TEXT.has(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select'));
}

/** Goes to the next row of the tables of a page, or to the one before; their links have the class `row-link`. */
export function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('#page .row-link')];
  const row = document.activeElement?.closest('tr') ?? null;
  const at = links.findIndex((link) => row !== null && link.closest('tr') === row);
  links[at < 0 ? 0 : at + step]?.focus();
}
