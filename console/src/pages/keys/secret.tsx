import { useEffect, useRef, useState } from 'preact/hooks';
import type { MadeKey } from '../../feed/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';

/**
 * The secret of a key, this once. It stands in this dialog alone: no field that a browser remembers, no storage, no address;
 * what is copied is the reader's. Escape has to be pressed twice before it was copied, and a reload asks first.
 */
export function Secret({ made: { data, key }, onClose }: { readonly made: MadeKey; readonly onClose: () => void }) {
  const secret = useRef<HTMLElement>(null);
  const [state, setState] = useState<'new' | 'copied' | 'selected' | 'escaped'>('new');
  const isKept = state === 'copied';
  useEffect(() => {
    if (isKept) return;
    const ask = (event: Event): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isKept]);
  const copy = async (): Promise<void> => setState((await write(key)) ? 'copied' : select(secret.current));
  const mayEscape = (): boolean => {
    if (isKept || state === 'escaped') return true;
    setState('escaped');
    return false;
  };
  return (
    <Dialog title={`The secret of ${data.name}`} isWide onClose={onClose} mayEscape={mayEscape}>
      <p>It is shown this once: the gateway keeps only its digest. Copy it to where it belongs.</p>
      <p class="secret">
        <code ref={secret}>{key}</code>
      </p>
      <p role="status">{WORDS[state]}</p>
      <div class="actions">
        <button class="button primary" type="button" autofocus onClick={() => void copy()}>
          Copy
        </button>
        <button class="button" type="button" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}

const WORDS = {
  new: '',
  copied: 'Copied.',
  selected: 'This page may not copy by itself: it is selected, press Ctrl C or ⌘ C.',
  escaped: 'It was not copied yet. Press Escape once more to close without it.',
} as const;

/** A page that came over plain http from elsewhere has no clipboard. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(element: HTMLElement | null): 'selected' {
  if (element !== null) getSelection()?.selectAllChildren(element);
  return 'selected';
}
