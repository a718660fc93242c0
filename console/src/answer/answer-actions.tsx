import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { CopyButton } from '../parts/copy-button.tsx';
import { later } from '../parts/later.tsx';
import type { AskedAgain } from './asked-again.ts';

const WhyDialog = later(async () => (await import('./why-dialog.tsx')).WhyDialog);
const CodeDialog = later(async () => (await import('./code-dialog.tsx')).CodeDialog);

interface ActionsProps {
  /** The answer, as it is written. */
  readonly text: string;
  /** The request that it answers. */
  readonly asked: () => AskedAgain;
  /** What else can be done. */
  readonly children?: ComponentChildren;
}

/** What can be done with an answer. */
export function AnswerActions({ text, asked, children }: ActionsProps) {
  const [open, setOpen] = useState<'why' | 'code' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <div class="answer-actions">
        {text !== '' && <CopyButton text={text} name="Copy" />}
        {children}
        <button class="button plain" type="button" aria-haspopup="dialog" onClick={() => setOpen('why')}>
          Why this model
        </button>
        <button class="button plain" type="button" aria-haspopup="dialog" onClick={() => setOpen('code')}>
          Code
        </button>
      </div>
      {open === 'why' && <WhyDialog asked={asked()} onClose={close} />}
      {open === 'code' && <CodeDialog asked={asked()} onClose={close} />}
    </>
  );
}
