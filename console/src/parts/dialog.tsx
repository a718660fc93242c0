import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  /** Wide enough for a form of two columns. */
  readonly isWide?: boolean;
  readonly onClose: () => void;
  /** Told of Escape before it closes the dialog; false keeps it open, as far as the browser lets it. */
  readonly mayEscape?: () => boolean;
  readonly children: ComponentChildren;
}

/**
 * A question over the page. It stands open as long as it is drawn, Escape closes it, and the focus goes back to where it
 * was. Keys that are pressed in it are its own: what it stands in sees none of them.
 */
export function Dialog({ title, isWide = false, onClose, mayEscape, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isDrawn = useRef(true);
  const heading = useId();
  // Before anything is painted: a key that is pressed right after the click is the dialog's.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      // It tells of its end later, when another one may stand open in its place.
      isDrawn.current = false;
      element?.close();
      // The browser gives the focus back for a dialog that is in the page, which this one may not be any more.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? 'dialog wide' : 'dialog'}
      aria-labelledby={heading}
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => mayEscape?.() === false && event.preventDefault()}
      onClose={() => isDrawn.current && onClose()}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}
