import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../feed/client.ts';
import { viewerProblem } from './session.ts';
import { signIn } from './signing.ts';

/** Asks for a key over the page, which stays as it is: nothing that was written there is lost. */
export function SignIn() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const [org, setOrg] = useState('');
  const [isOrgWanted, wantOrg] = useState(false);
  const [problem, setProblem] = useState(viewerProblem.peek()?.message ?? null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const writeKey = (next: string): void => {
    setKey(next);
    // Another key may serve none, or others.
    wantOrg(false);
    setOrg('');
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(key.trim(), org.trim());
    } catch (error) {
      const { code, message } = error as ApiError;
      if (code === 'org_required') wantOrg(true);
      setProblem(message);
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
            onInput={(event) => writeKey(event.currentTarget.value)}
          />
        </label>
        {isOrgWanted && <OrgField value={org} onInput={setOrg} />}
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

/** Which of its organisations a key calls for, asked where it serves several: what comes next, so it has the focus. */
function OrgField({ value, onInput }: { readonly value: string; readonly onInput: (org: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <label class="field">
      Organisation
      <input
        ref={field}
        type="text"
        required
        value={value}
        aria-describedby="sign-in-problem"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
