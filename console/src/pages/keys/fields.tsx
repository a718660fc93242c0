import type { LimitValues } from './form.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'number' | 'datetime-local';
  /** Id of a list to pick from. */
  readonly list?: string;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** What is wanted, where the pattern does not fit. */
  readonly title?: string;
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
}

/** A field with its name above. */
export function Field({ label, value, onInput, ...rest }: FieldProps) {
  return (
    <label class="field">
      {label}
      <input {...rest} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

interface TickProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** A box to tick, with its name beside. */
export function Tick({ label, isOn, onChange }: TickProps) {
  return (
    <label class="tick">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

const BUDGETS = [
  ['day', 'A day'],
  ['week', 'A week'],
  ['month', 'A month'],
  ['total', 'In all'],
] as const;
const RATES = [
  ['rpm', 'Requests a minute'],
  ['tpm', 'Tokens a minute'],
  ['parallel', 'Calls at once'],
] as const;

interface LimitFieldsProps {
  readonly values: LimitValues;
  readonly onChange: (change: Partial<LimitValues>) => void;
}

/** Budgets and limits; empty is none. */
export function LimitFields({ values, onChange }: LimitFieldsProps) {
  return (
    <>
      <fieldset class="field-group">
        <legend>Budget in USD, by UTC; empty for none</legend>
        {BUDGETS.map(([name, label]) => (
          <Field
            key={name}
            label={label}
            type="number"
            min="0"
            max="9000000"
            step="any"
            value={values[name]}
            onInput={(value) => onChange({ [name]: value })}
          />
        ))}
      </fieldset>
      <fieldset class="field-group">
        <legend>Limits; empty for none</legend>
        {RATES.map(([name, label]) => (
          <Field
            key={name}
            label={label}
            type="number"
            min="0"
            max="1000000000"
            step="1"
            value={values[name]}
            onInput={(value) => onChange({ [name]: value })}
          />
        ))}
      </fieldset>
    </>
  );
}

/** Whether calls end with the change. */
export function EndsCalls({ isOn, onChange }: { readonly isOn: boolean; readonly onChange: (isOn: boolean) => void }) {
  return <Tick label="End its calls in flight, too" isOn={isOn} onChange={onChange} />;
}

interface TypedProps {
  /** `name` or `id`. */
  readonly what: string;
  readonly wanted: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** What is asked for before something goes for good: it is typed, and so it is known which. */
export function Typed({ what, wanted, value, onInput }: TypedProps) {
  return (
    <label class="field">
      <span>
        Type its {what}: <strong>{wanted}</strong>
      </span>
      <input
        type="text"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** Names of organisations to pick from; another one may be typed. */
export function OrgNames({ id, orgs }: { readonly id: string; readonly orgs: readonly string[] }) {
  return (
    <datalist id={id}>
      {orgs.map((org) => (
        <option key={org} value={org} />
      ))}
    </datalist>
  );
}
