import { useEffect, useRef, useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { cancelCall, ownerOf, type SomeCall } from '../../feed/calls.ts';
import type { ApiError } from '../../feed/client.ts';

interface CancelProps {
  readonly call: SomeCall;
  readonly onDone: () => void;
}

/** Ends one's own call at once, and another key's after one question. */
export function CancelButton({ call, onDone }: CancelProps) {
  const [step, setStep] = useState<'idle' | 'asking' | 'cancelling'>('idle');
  const [problem, setProblem] = useState<string | null>(null);
  const cancel = async (): Promise<void> => {
    setStep('cancelling');
    try {
      await cancelCall(call);
    } catch (error) {
      // A call that was finished a moment before needs no end.
      if ((error as ApiError).code !== 'request_completed') setProblem((error as ApiError).message);
    }
    setStep('idle');
    onDone();
  };
  const own = viewer.value;
  const isOwn = ownerOf(call) === (own?.hash ?? own?.name);
  return (
    <>
      <button
        class="button danger"
        type="button"
        disabled={step === 'cancelling'}
        aria-label={`Cancel ${call.model}, ${call.id}`}
        onClick={() => (isOwn ? void cancel() : setStep('asking'))}
      >
        {step === 'cancelling' ? 'Cancelling' : 'Cancel'}
      </button>
      {problem && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
      {step === 'asking' && <Question call={call} onYes={cancel} onNo={() => setStep('idle')} />}
    </>
  );
}

function Question({ call, onYes, onNo }: Pick<CancelProps, 'call'> & Record<'onYes' | 'onNo', () => void>) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={`Cancel the call of ${call.key}?`} onClose={onNo}>
      <p>
        This call is of the key <strong>{call.key}</strong>. Its client gets <code>request_cancelled</code>.
      </p>
      <div class="actions">
        <button class="button" type="button" onClick={onNo}>
          Let it run
        </button>
        <button class="button danger" type="button" onClick={onYes}>
          Cancel its call
        </button>
      </div>
    </dialog>
  );
}
