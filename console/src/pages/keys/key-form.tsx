import { useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { changeKey, createKey } from '../../feed/keys.ts';
import type { KeyBody } from '../../feed/wire.ts';
import type { Answers } from './asked.ts';
import { Confirm } from './confirm.tsx';
import { Field, LimitFields, OrgNames } from './fields.tsx';
import { type KeyValues, keyChange, NEW_KEY, newKeyBody, valuesOfKey } from './form.ts';

interface KeyFormProps extends Answers {
  /** Null for a new one. */
  readonly of: KeyBody | null;
  readonly orgs: readonly string[];
}

/** Makes a key, or changes one: what is not touched stays. */
export function KeyForm({ of: key, orgs, onClose, onDone, onMade }: KeyFormProps) {
  const [values, setValues] = useState<KeyValues>(() => (key === null ? newKey() : valuesOfKey(key)));
  const change = (part: Partial<KeyValues>): void => setValues((before) => ({ ...before, ...part }));
  const work = async (): Promise<void> => {
    if (key === null) return onMade(await createKey(newKeyBody(values)));
    await changeKey(key.hash, keyChange(key, values));
    onDone(`${values.name.trim()} is changed.`);
  };
  return (
    <Confirm
      title={key === null ? 'New key' : `Edit ${key.name}`}
      action={key === null ? 'Make the key' : 'Save'}
      isWide
      onClose={onClose}
      work={work}
    >
      <div class="field-group">
        <Field label="Name" required maxLength={128} value={values.name} onInput={(name) => change({ name })} />
        {key === null && <Kind value={values.kind} onChange={(kind) => change({ kind })} />}
        <Field label="Organisation, if any" list="orgs-to-pick" value={values.org} onInput={(org) => change({ org })} />
        <Field
          label="Expires, if ever"
          type="datetime-local"
          value={values.expires}
          onInput={(expires) => change({ expires })}
        />
      </div>
      <Field
        label="Models, as gpt-*, demo; empty for all"
        value={values.models}
        onInput={(models) => change({ models })}
      />
      <OrgNames id="orgs-to-pick" orgs={orgs} />
      <LimitFields values={values} onChange={change} />
    </Confirm>
  );
}

/** A manager of one organisation makes keys of that one. */
function newKey(): KeyValues {
  const who = viewer.peek();
  return { ...NEW_KEY, org: who?.manages === 'org' ? (who.org ?? '') : '' };
}

function Kind({ value, onChange }: { readonly value: string; readonly onChange: (kind: string) => void }) {
  return (
    <label class="field">
      It is for
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="call">calling models</option>
        <option value="management">managing keys, and calling nothing</option>
      </select>
    </label>
  );
}
