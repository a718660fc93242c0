import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../feed/client.ts';
import { signIn, viewerProblem } from './session.ts';

/** Asks for a key over the page, which stays as it is: nothing that was written there is lost. */
export function SignIn() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState(viewerProblem.peek()?.message ?? null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(key.trim());
    } catch (error) {
      setProblem((error as ApiError).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="sign-in"
      onCancel={(event) => event.preventDefault()}
      // A second Escape closes it all the same, and nothing would open it again.
      onClose={() => dialog.current?.showModal()}
    >
      <form onSubmit={submit}>
        <h2 id="sign-in">This gateway asks for a key</h2>
        <label class="field">
          Key
          <input
            type="password"
            autocomplete="current-password"
            required
            value={key}
            aria-describedby="sign-in-problem"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p id="sign-in-problem" class="problem" role="alert">
          {problem}
        </p>
        <p class="quiet">It is sent to this gateway alone, and kept by no page.</p>
        <button class="button primary" type="submit" disabled={isBusy}>
          Sign in
        </button>
      </form>
    </dialog>
  );
}
