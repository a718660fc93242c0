import type { ComponentChildren } from 'preact';
import type { ApiError } from '../../feed/client.ts';
import { useAction } from '../../parts/action.ts';
import { Dialog } from '../../parts/dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly isWide?: boolean;
  /** False while something that is wanted is missing. */
  readonly isReady?: boolean;
  readonly onClose: () => void;
  /** @throws ApiError which is shown, and leaves the dialog open */
  readonly work: () => Promise<void>;
  readonly children: ComponentChildren;
}

/** A question with what it takes to answer it, and why the gateway refused. */
export function Confirm(props: ConfirmProps) {
  const { title, action, isDanger = false, isWide = false, isReady = true, onClose, work, children } = props;
  const { isBusy, problem, run } = useAction(work);
  return (
    <Dialog title={title} isWide={isWide} onClose={onClose}>
      <form class="confirm" onSubmit={run} autocomplete="off">
        {children}
        {problem !== null && <Refusal problem={problem} />}
        <div class="actions">
          <button class="button" type="button" onClick={onClose}>
            Leave it
          </button>
          <button class={isDanger ? 'button danger' : 'button primary'} type="submit" disabled={isBusy || !isReady}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** In the gateway's own words: they say what this key may not do, and who may. */
function Refusal({ problem: { message, code, requestId } }: { readonly problem: ApiError }) {
  return (
    <div class="notice error" role="alert">
      <p>{message}</p>
      {code !== null && (
        <p class="quiet">
          <code>{code}</code>
          {requestId !== null && (
            <>
              {' '}
              · request <code>{requestId}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}
