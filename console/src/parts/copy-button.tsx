import { useEffect, useState } from 'preact/hooks';

interface CopyProps {
  readonly text: string;
  /** What stands on the button, such as `Copy`. */
  readonly name: string;
  readonly isPlain?: boolean;
}

/** How long it says what became of it. */
const SHOWN_MS = 2000;

/** Puts a text into the clipboard, and says whether that worked. */
export function CopyButton({ text, name, isPlain = true }: CopyProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => setState((await copyText(text)) ? 'copied' : 'refused');
  return (
    <>
      <button class={isPlain ? 'button plain' : 'button'} type="button" onClick={() => void copy()}>
        {state === 'copied' ? 'Copied' : state === 'refused' ? 'Not copied' : name}
      </button>
      <span class="hidden" role="status">
        {state === 'copied' && 'Copied'}
        {state === 'refused' && 'Not copied: the browser allows it on https and on localhost. Select the text instead.'}
      </span>
    </>
  );
}

/** There is no clipboard on a page that came over plain HTTP from another machine. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
