import { useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { changeOrg, createOrg } from '../../feed/keys.ts';
import type { OrgBody } from '../../feed/wire.ts';
import type { Answers } from './asked.ts';
import { Confirm } from './confirm.tsx';
import { Field, LimitFields, OrgNames, Tick } from './fields.tsx';
import { NEW_ORG, newOrgBody, type OrgValues, orgChange, valuesOfOrg } from './form.ts';

interface OrgFormProps extends Answers {
  /** Null for a new one. */
  readonly of: OrgBody | null;
  readonly orgs: readonly string[];
}

/** Makes an organisation or a team, or changes one. */
export function OrgForm({ of: org, orgs, onClose, onDone }: OrgFormProps) {
  const [values, setValues] = useState<OrgValues>(() => (org === null ? newOrg() : valuesOfOrg(org)));
  const change = (part: Partial<OrgValues>): void => setValues((before) => ({ ...before, ...part }));
  const work = async (): Promise<void> => {
    if (org === null) await createOrg(newOrgBody(values));
    else await changeOrg(org.id, orgChange(org, values));
    onDone(`${values.id.trim()} is ${org === null ? 'made' : 'changed'}.`);
  };
  return (
    <Confirm
      title={org === null ? 'New organisation' : `Edit ${org.id}`}
      action={org === null ? 'Make it' : 'Save'}
      isWide
      onClose={onClose}
      work={work}
    >
      <div class="field-group">
        {org === null && (
          <Field
            label="Id, which stays"
            required
            maxLength={64}
            pattern="[A-Za-z0-9][\w.\-]*"
            title="Letters, digits, points, dashes and underscores, with a letter or digit first"
            value={values.id}
            onInput={(id) => change({ id })}
          />
        )}
        <Field
          label={org === null ? 'Name for people, if any' : 'Name for people'}
          required={org !== null}
          maxLength={128}
          value={values.name}
          onInput={(name) => change({ name })}
        />
        {org === null && (
          <Field
            label="Team of, if any"
            list="parents-to-pick"
            value={values.parent}
            onInput={(parent) => change({ parent })}
          />
        )}
        <Field
          label="Models, as gpt-*, demo; empty for all"
          value={values.models}
          onInput={(models) => change({ models })}
        />
      </div>
      <OrgNames id="parents-to-pick" orgs={orgs} />
      <LimitFields values={values} onChange={change} />
      {org !== null && (
        <Tick
          label="Disabled: every call of its keys and its teams' is refused"
          isOn={values.isDisabled}
          onChange={(isDisabled) => change({ isDisabled })}
        />
      )}
    </Confirm>
  );
}

/** A manager of one organisation makes teams of that one. */
function newOrg(): OrgValues {
  const who = viewer.peek();
  return { ...NEW_ORG, parent: who?.manages === 'org' ? (who.org ?? '') : '' };
}
