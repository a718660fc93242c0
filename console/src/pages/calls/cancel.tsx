import { useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { cancelCall, ownerOf, type SomeCall } from '../../feed/calls.ts';
import type { ApiError } from '../../feed/client.ts';
import { later } from '../../parts/later.tsx';

const CancelQuestion = later(async () => (await import('./cancel-question.tsx')).CancelQuestion);

interface CancelProps {
  readonly call: SomeCall;
  readonly onDone: () => void;
}

/** Ends one's own call at once, and another key's after one question. */
export function CancelButton({ call, onDone }: CancelProps) {
  const [step, setStep] = useState<'idle' | 'asking' | 'cancelling'>('idle');
  const [problem, setProblem] = useState<string | null>(null);
  const own = viewer.value;
  const cancel = async (): Promise<void> => {
    if (own === null) return;
    setStep('cancelling');
    try {
      await cancelCall(call, own);
    } catch (error) {
      // A call that was finished a moment before needs no end.
      if ((error as ApiError).code !== 'request_completed') setProblem((error as ApiError).message);
    }
    setStep('idle');
    onDone();
  };
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
      {step === 'asking' && <CancelQuestion call={call} onYes={cancel} onNo={() => setStep('idle')} />}
    </>
  );
}
