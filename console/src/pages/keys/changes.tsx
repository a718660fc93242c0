import { useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { type BudgetWindow, changeKey, deleteKey, resetSpend, rotateKey } from '../../feed/keys.ts';
import type { KeyBody } from '../../feed/wire.ts';
import { dollars } from '../../parts/format.ts';
import type { Answers } from './asked.ts';
import { Confirm } from './confirm.tsx';
import { spentIn, WINDOW_WORDS } from './facts.ts';
import { EndsCalls, Typed } from './fields.tsx';

interface ChangeProps extends Answers {
  readonly of: KeyBody;
}

/** Without a grace the session of this page would end before its new secret is read. */
const GRACES = [
  ['0', 'not at all: it ends now'],
  ['1h', 'an hour'],
  ['24h', 'a day'],
  ['7d', 'a week'],
  ['30d', '30 days'],
] as const;

/** Another secret for a key, which is shown next. */
export function RotateKey({ of: key, onClose, onMade }: ChangeProps) {
  const [grace, setGrace] = useState('24h');
  const isOwn = isOwnKey(key);
  return (
    <Confirm
      title={`Rotate ${key.name}`}
      action="Make another secret"
      onClose={onClose}
      work={async () => onMade(await rotateKey(key.hash, grace))}
    >
      <p>The key stays what it is, with another secret. It is shown once.</p>
      <label class="field">
        The secret before goes on for
        <select value={grace} onChange={(event) => setGrace(event.currentTarget.value)}>
          {GRACES.filter(([value]) => !isOwn || value !== '0').map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {isOwn && <p class="quiet">You are signed in with this key: sign in anew with its new secret before then.</p>}
    </Confirm>
  );
}

/** Switches a key off, or on again. */
export function SwitchKey({ of: key, onClose, onDone }: ChangeProps) {
  const [endsCalls, setEndsCalls] = useState(false);
  const work = async (): Promise<void> => {
    await changeKey(key.hash, { disabled: !key.disabled }, endsCalls);
    onDone(`${key.name} is ${key.disabled ? 'enabled' : 'disabled'}.`);
  };
  if (key.disabled)
    return (
      <Confirm title={`Enable ${key.name}`} action="Enable it" onClose={onClose} work={work}>
        <p>Its secret holds again, from the next call on.</p>
      </Confirm>
    );
  return (
    <Confirm title={`Disable ${key.name}`} action="Disable it" isDanger onClose={onClose} work={work}>
      <p>Every call with it is refused from now on, until it is enabled again.</p>
      <OwnKeyWarning of={key} />
      <EndsCalls isOn={endsCalls} onChange={setEndsCalls} />
    </Confirm>
  );
}

/** Removes a key for good; its name has to be typed. */
export function DeleteKey({ of: key, onClose, onDeleted }: ChangeProps) {
  const [endsCalls, setEndsCalls] = useState(false);
  const [typed, setTyped] = useState('');
  return (
    <Confirm
      title={`Delete ${key.name}`}
      action="Delete it for good"
      isDanger
      isReady={typed === key.name}
      onClose={onClose}
      work={async () => {
        await deleteKey(key.hash, endsCalls);
        onDeleted(`${key.name} is deleted.`);
      }}
    >
      <p>Its secret is refused from now on, and cannot be brought back. What it has used stays on record.</p>
      <OwnKeyWarning of={key} />
      <Typed what="name" wanted={key.name} value={typed} onInput={setTyped} />
      <EndsCalls isOn={endsCalls} onChange={setEndsCalls} />
    </Confirm>
  );
}

/** A window of its budget begins anew. */
export function ResetSpend({ of: key, window, onClose, onDone }: ChangeProps & { readonly window: BudgetWindow }) {
  const work = async (): Promise<void> => {
    await resetSpend(key.hash, window);
    onDone(`What ${key.name} spent ${WINDOW_WORDS[window]} is reset.`);
  };
  return (
    <Confirm title={`Reset ${key.name}`} action="Begin anew" onClose={onClose} work={work}>
      <p>
        The {dollars(spentIn(key, window))} that were spent {WINDOW_WORDS[window]} do not count any more. Its other
        windows, its organisation and the usage log stay as they are, and the audit has it.
      </p>
    </Confirm>
  );
}

function isOwnKey({ hash }: KeyBody): boolean {
  return viewer.peek()?.hash === hash;
}

function OwnKeyWarning({ of }: { readonly of: KeyBody }) {
  if (!isOwnKey(of)) return null;
  return <p class="warn">You are signed in with this key: you will be asked for another one.</p>;
}
