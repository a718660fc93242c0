import { go, place, withQuery } from '../../app/router.ts';

const HOURS = { hour: 1, day: 24, week: 168 } as const;

/** The filters that are written in, by the names of the API. */
const WORDS = [
  ['model', 'Model'],
  ['provider', 'Provider'],
  ['key', 'Key'],
  ['error_code', 'Error code'],
] as const;

/** The query of the API for the filters in the address of the page. @param now milliseconds since the epoch */
export function toQuery(filters: URLSearchParams, isAdmin: boolean, now: number, limit: number): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const name of ['model', 'provider', 'outcome', 'error_code', 'slower_than_ms']) {
    const value = filters.get(name);
    if (value) query.set(name, value);
  }
  const key = filters.get('key');
  if (isAdmin && key) query.set('key', key);
  else if (isAdmin) query.set('all', 'true');
  const hours = HOURS[filters.get('since') as keyof typeof HOURS];
  // Unix seconds; of no particular moment where only the filters matter.
  if (hours !== undefined) query.set('from', String(now === 0 ? hours : Math.floor(now / 1000) - hours * 3600));
  return query;
}

/** What is looked for, kept in the address of the page. */
export function Filters({ isAdmin }: { readonly isAdmin: boolean }) {
  const { query } = place.value;
  const choose = (name: string, value: string): void => go(withQuery({ [name]: value.trim() }), true);
  return (
    <form class="filters" aria-label="Filter the ended calls" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        Since
        <select value={query.get('since') ?? ''} onChange={(event) => choose('since', event.currentTarget.value)}>
          <option value="">the beginning</option>
          <option value="hour">an hour ago</option>
          <option value="day">a day ago</option>
          <option value="week">a week ago</option>
        </select>
      </label>
      <label class="field">
        Outcome
        <select value={query.get('outcome') ?? ''} onChange={(event) => choose('outcome', event.currentTarget.value)}>
          <option value="">any</option>
          <option value="completed">completed</option>
          <option value="failed">failed</option>
          <option value="cancelled">cancelled</option>
        </select>
      </label>
      {WORDS.filter(([name]) => isAdmin || name !== 'key').map(([name, title]) => (
        <label key={name} class="field">
          {title}
          <input
            type="text"
            value={query.get(name) ?? ''}
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
          value={query.get('slower_than_ms') ?? ''}
          onChange={(event) => choose('slower_than_ms', event.currentTarget.value)}
        />
      </label>
    </form>
  );
}
