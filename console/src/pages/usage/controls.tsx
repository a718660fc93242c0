import type { ComponentChildren } from 'preact';
import { go, withQuery } from '../../app/router.ts';
import { dayOf, type Period } from './period.ts';
import { type Asker, aheadOf, type Question, type RangeName, SPLITS, zoneOf } from './question.ts';
import type { Subject } from './sums.ts';

interface ControlsProps {
  readonly asked: Question;
  readonly asker: Asker;
  readonly period: Period;
  readonly keys: readonly Subject[];
}

const RANGE_WORDS: Readonly<Record<RangeName, string>> = {
  today: 'today',
  '24h': 'the last 24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  own: 'from … to …',
};

/** What is asked for; each choice goes into the address. */
export function Controls({ asked, asker, period, keys }: ControlsProps) {
  const { range, zone, key, split } = asked;
  const dayAt = (second: number): string => dayOf(second, aheadOf(zone));
  const chooseRange = (name: string): void => {
    // Dates begin as what is shown.
    const own = { from: dayAt(period.from), to: dayAt(period.to - 1) };
    choose({ range: name, ...(name === 'own' ? own : { from: null, to: null }) });
  };
  return (
    <form class="questions" aria-label="What is shown" onSubmit={(event) => event.preventDefault()}>
      <Choice label="Time" value={range} onChoose={chooseRange}>
        {Object.entries(RANGE_WORDS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </Choice>
      {asked.days !== null && <Dates days={asked.days} />}
      <Choice label="Clock" value={zone} onChoose={(value) => choose({ tz: value === asker.ownZone ? null : value })}>
        {zonesWith(asker.ownZone, zone).map((name) => (
          <option key={name} value={name}>
            UTC{name === '+00:00' ? '' : name}
            {name === asker.ownZone ? ', yours' : ''}
          </option>
        ))}
      </Choice>
      {asker.isAdmin && <KeyChoice chosen={key} keys={keys} />}
      <Choice label="Split by" value={split} onChoose={(by) => choose({ by })}>
        {SPLITS.filter((name) => asker.isAdmin || name !== 'key').map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Choice>
    </form>
  );
}

function choose(changes: Readonly<Record<string, string | null>>): void {
  go(withQuery(changes), true);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly children: ComponentChildren;
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  );
}

function Dates({ days: [from, to] }: { readonly days: readonly [string, string] }) {
  return (
    <>
      <DateField label="From" name="from" value={from} />
      <DateField label="To, included" name="to" value={to} />
    </>
  );
}

interface DateFieldProps {
  readonly label: string;
  /** In the address. */
  readonly name: 'from' | 'to';
  readonly value: string;
}

/** While a year is typed it goes through the first centuries, which are not meant. */
function DateField({ label, name, value }: DateFieldProps) {
  return (
    <label class="field">
      {label}
      <input
        type="date"
        value={value}
        onChange={({ currentTarget: { value: day } }) => day >= '2000' && choose({ [name]: day })}
      />
    </label>
  );
}

function KeyChoice({ chosen, keys }: { readonly chosen: string | null; readonly keys: readonly Subject[] }) {
  const isListed = chosen === null || keys.some(({ id }) => id === chosen);
  return (
    <Choice label="Key" value={chosen ?? ''} onChoose={(key) => choose({ key })}>
      <option value="">every key</option>
      {!isListed && <option value={chosen}>{chosen}</option>}
      {keys.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Choice>
  );
}

/** Minutes of the offsets that are no whole hours, and that clocks somewhere have. */
const ODD_OFFSETS = [-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765];

/** All offsets that clocks have, and these besides. */
function zonesWith(...others: readonly string[]): readonly string[] {
  const whole = Array.from({ length: 27 }, (_hour, at) => (at - 12) * 60);
  const names = new Set([...[...whole, ...ODD_OFFSETS].map(zoneOf), ...others]);
  return [...names].sort((one, other) => aheadOf(one) - aheadOf(other));
}
