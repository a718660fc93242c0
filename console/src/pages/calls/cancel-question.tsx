import type { SomeCall } from '../../feed/calls.ts';
import { Dialog } from '../../parts/dialog.tsx';

interface CancelQuestionProps {
  readonly call: SomeCall;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Asks an admin before the call of another key is ended. */
export function CancelQuestion({ call, onYes, onNo }: CancelQuestionProps) {
  return (
    <Dialog title={`Cancel the call of ${call.key}?`} onClose={onNo}>
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
    </Dialog>
  );
}
