import { go, place, withQuery } from '../../app/router.ts';
import { dateTime } from '../../parts/format.ts';
import { type CallFilters, readFilters } from './query.ts';

/** The filters that are written in, by the names of the API. */
const WORDS = [
  ['model', 'Model'],
  ['answered_by', 'Answered by'],
  ['provider', 'Provider'],
  ['key', 'Key'],
  ['error_code', 'Error code'],
  ['id', 'Id'],
] as const;

type Word = (typeof WORDS)[number][0];

/** What is looked for, kept in the address of the page. */
export function Filters({ isAdmin }: { readonly isAdmin: boolean }) {
  const filters = readFilters(place.value.query);
  const time = timeWords(filters);
  const choose = (name: string, value: string): void => go(withQuery({ [name]: value.trim() }), true);
  const isShown = (name: Word): boolean => {
    if (name === 'key') return isAdmin;
    // Who looks for a model means either; what another page counted by the answering one alone, it leads to so.
    return name !== 'answered_by' || filters.answered_by !== undefined;
  };
  return (
    <form class="filters" aria-label="Filter the ended calls" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        Since
        <select
          value={time === null ? (filters.since ?? '') : 'time'}
          onChange={(event) => go(withQuery({ since: event.currentTarget.value, from: null, to: null }), true)}
        >
          {time !== null && <option value="time">{time}</option>}
          <option value="">the beginning</option>
          <option value="hour">an hour ago</option>
          <option value="day">a day ago</option>
          <option value="week">a week ago</option>
        </select>
      </label>
      <label class="field">
        Outcome
        <select value={filters.outcome ?? ''} onChange={(event) => choose('outcome', event.currentTarget.value)}>
          <option value="">any</option>
          <option value="completed">completed</option>
          <option value="failed">failed</option>
          <option value="cancelled">cancelled</option>
        </select>
      </label>
      {WORDS.filter(([name]) => isShown(name)).map(([name, title]) => (
        <label key={name} class="field">
          {title}
          <input
            type="text"
            value={filters[name] ?? ''}
            onChange={(event) => choose(name, event.currentTarget.value)}
          />
        </label>
      ))}
      <label class="field">
        Slower than, ms
        <input
          type="number"
          min="0"
          max="999999999"
          value={filters.slower_than_ms ?? ''}
          onChange={(event) => choose('slower_than_ms', event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Cost
        <select
          value={filters.unknown_cost ?? ''}
          onChange={(event) => choose('unknown_cost', event.currentTarget.value)}
        >
          <option value="">any</option>
          <option value="true">not known</option>
        </select>
      </label>
    </form>
  );
}

/** The time that another page led here with, in words; null where there is none. */
function timeWords({ from, to }: CallFilters): string | null {
  const words = (second: string): string => dateTime(Number(second) * 1000);
  if (from === undefined) return to === undefined ? null : `before ${words(to)}`;
  return to === undefined ? words(from) : `${words(from)} to ${words(to)}`;
}
